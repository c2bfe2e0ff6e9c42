import { type GoValue, goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { goDiff } from '../../kube/unified-diff.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, quoted, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec, CertificateSigningRequestStatus } from '../../schema/generated/kinds.ts';
import { certificatesProblem } from '../../x509/certificate.ts';
import { certificateRequestOf } from '../../x509/certificate-request.ts';
import { validateSignerName } from './signer-name.ts';

/** What is wrong with a request as it is (pkg/apis/certificates/validation, validateCertificateSigningRequest). What was wrong in the one before may stay so. */
export const validateRequest = (
  { spec = {} as CertificateSigningRequestSpec, status }: CertificateSigningRequest,
  previous?: CertificateSigningRequest,
): FieldError[] => [...validateSpec(spec, previous?.spec), ...validateConditions(status, previous?.status), ...validateCertificate(status, previous?.status)];

/** @param decides whether the decisions may change through here: they do through the approval alone; `issues`: whether the certificate may, through the status alone */
export const validateRequestUpdate = (
  { status }: CertificateSigningRequest,
  { status: previous }: CertificateSigningRequest,
  { decides, issues }: { decides: boolean; issues: boolean },
): FieldError[] => [
  ...FINAL.flatMap((type) =>
    conditionsOf(status, type).length < conditionsOf(previous, type).length
      ? [forbiddenField('status.conditions', `updates may not remove a condition of type ${quoted(type)}`)]
      : [],
  ),
  ...(decides ? [] : ['Approved', 'Denied'].flatMap((type) => validateDecision(type, conditionsOf(status, type), conditionsOf(previous, type)))),
  ...validateIssue(status?.certificate ?? '', previous?.certificate ?? '', issues),
];

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

function validateSpec(
  { request = '', usages = [], signerName, expirationSeconds }: CertificateSigningRequestSpec,
  previous?: CertificateSigningRequestSpec,
): FieldError[] {
  const repeated = repeats(usages, (usage) => usage);
  const before = previous?.usages ?? [];
  const problem = requestProblem(request);
  return [
    ...(problem === undefined ? [] : [invalidValue('spec.request', request, problem)]),
    ...(usages.length ? [] : [required('spec.usages')]),
    ...(before.some((usage) => !USAGES.includes(usage))
      ? []
      : usages.flatMap((usage, i) => (USAGES.includes(usage) ? [] : [notSupported(`spec.usages[${i}]`, usage, USAGES)]))),
    ...(repeats(before, (usage) => usage).size > 0 ? [] : usages.flatMap((usage, i) => (repeated.has(i) ? [duplicate(`spec.usages[${i}]`, usage)] : []))),
    ...(signerName === LEGACY_SIGNER && previous?.signerName !== LEGACY_SIGNER
      ? [invalidValue('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : validateSignerName(signerName, 'spec.signerName')),
    ...(expirationSeconds !== undefined && expirationSeconds < 600
      ? [invalidValue('spec.expirationSeconds', expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')]
      : []),
  ];
}

/** Whoever asks shows with the signature that the key is theirs. */
function requestProblem(request: string): string | undefined {
  try {
    return certificateRequestOf(request).signatureProblem();
  } catch (error) {
    return (error as Error).message;
  }
}

const FINAL = ['Approved', 'Denied', 'Failed'];

function validateConditions(status: CertificateSigningRequestStatus | undefined, previous: CertificateSigningRequestStatus | undefined): FieldError[] {
  const conditions = status?.conditions ?? [];
  const earlier = (previous?.conditions ?? []).map(({ type }) => type);
  const wasBoth = earlier.includes('Approved') && earlier.includes('Denied');
  const hadRepeated = new Set(earlier).size < earlier.length;
  const before = new Set<string>();
  return conditions.flatMap(({ type, status: value }, i) => {
    const path = `status.conditions[${i}]`;
    const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    const errors = [
      ...(type || earlier.includes('') ? [] : [required(`${path}.type`)]),
      ...(value ? [] : [required(`${path}.status`)]),
      ...(value && !allowed.includes(value) ? [notSupported(`${path}.status`, value, allowed)] : []),
      ...(opposite && before.has(opposite) && !wasBoth
        ? [invalidValue('status.conditions', type, 'Approved and Denied conditions are mutually exclusive')]
        : []),
      ...(before.has(type) && !hadRepeated ? [duplicate(`${path}.type`, type)] : []),
    ];
    before.add(type);
    return errors;
  });
}

/** A chain of certificates, and nothing else. */
function validateCertificate(
  { certificate }: CertificateSigningRequestStatus = {},
  { certificate: before = '' }: CertificateSigningRequestStatus = {},
): FieldError[] {
  if (!certificate || certificate === before || (before && problemOf(before))) return [];
  const problem = problemOf(certificate);
  return problem === undefined ? [] : [invalidValue('status.certificate', '<certificate data>', problem)];
}

const problemOf = (encoded: string) => certificatesProblem(Buffer.from(encoded, 'base64').toString('latin1'));

const conditionsOf = (status: CertificateSigningRequestStatus | undefined, type: string) =>
  (status?.conditions ?? []).filter((condition) => condition.type === type);

function validateDecision(type: string, now: readonly object[], before: readonly object[]): FieldError[] {
  if (now.length < before.length || same(now, before)) return [];
  if (now.length > before.length) return [forbiddenField('status.conditions', `updates may not add a condition of type ${quoted(type)}`)];
  const [a, b] = [before, now].map((conditions) => goValue('[]certificates.CertificateSigningRequestCondition', conditions)) as [GoValue, GoValue];
  return [forbiddenField('status.conditions', `updates may not modify a condition of type ${quoted(type)}\n${goDiff(a, b)}`)];
}

function validateIssue(certificate: string, before: string, issues: boolean): FieldError[] {
  if (certificate === before) return [];
  if (!issues) return [forbiddenField('status.certificate', 'updates may not set certificate content')];
  return before ? [forbiddenField('status.certificate', 'updates may not modify existing certificate content')] : [];
}
