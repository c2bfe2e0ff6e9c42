import { humanDuration } from '../../kube/duration.ts';
import { type GoValue, goValue } from '../../kube/go-value.ts';
import { same, timestamp } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { goDiff } from '../../kube/unified-diff.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, quoted, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec, CertificateSigningRequestStatus } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateSignerName } from './signer-name.ts';

/** certificates.k8s.io/v1 CertificateSigningRequest (pkg/apis/certificates/validation, pkg/registry/certificates/certificates/strategy.go). */
export const strategy: Strategy<CertificateSigningRequest> = {
  nameFormat: 'path',
  resetFields: { '': [['spec'], ['status']], status: [['spec'], ['status', 'conditions']], approval: [['spec'], ['status', 'certificate']] },
  prepareForCreate(request, { user }) {
    request.status = {};
    // The client does not say itself which user it is.
    const { uid: _u, groups: _g, extra: _e, ...asked } = request.spec;
    const { username, uid, groups, extra } = user;
    request.spec = {
      ...asked,
      username,
      ...(uid !== undefined && { uid }),
      groups: [...groups],
      ...(extra && { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
    };
  },
  // Only the approval changes through here: a request stays what was asked for.
  prepareForUpdate(request, previous, { now }) {
    request.spec = previous.spec;
    for (const condition of request.status?.conditions ?? []) {
      const before = previous.status?.conditions?.find(({ type }) => type === condition.type);
      condition.lastUpdateTime ??= before?.lastUpdateTime ?? timestamp(now);
      condition.lastTransitionTime ??= before?.status === condition.status ? before?.lastTransitionTime : timestamp(now);
    }
  },
  validate: ({ spec = {} as CertificateSigningRequestSpec, status }) => [...validateSpec(spec), ...validateConditions(status)],
  validateUpdate: ({ status }, { status: previous }) => [
    ...validateKeptConditions(status, previous),
    ...((status?.certificate ?? '') === (previous?.certificate ?? '') ? [] : [forbiddenField('status.certificate', 'updates may not set certificate content')]),
  ],
  validateStatusUpdate: ({ status }, { status: previous }) => [
    ...validateConditions(status),
    ...validateKeptConditions(status, previous),
    ...['Approved', 'Denied'].flatMap((type) => validateDecision(type, conditionsOf(status, type), conditionsOf(previous, type))),
    ...(status?.certificate && status.certificate !== previous?.certificate ? validateCertificate(status.certificate) : []),
    ...(previous?.certificate && previous.certificate !== status?.certificate
      ? [forbiddenField('status.certificate', 'updates may not modify existing certificate content')]
      : []),
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  table: {
    columns: [
      nameColumn,
      ageColumn,
      column(
        'SignerName',
        'string',
        'Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it\'s a kubelet client certificate, it is assigned\n    "kubernetes.io/kube-apiserver-client-kubelet".\n 2. If it\'s a kubelet serving certificate, it is assigned\n    "kubernetes.io/kubelet-serving".\n 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
      ),
      column('Requestor', 'string', 'Base64-encoded PKCS#10 CSR data'),
      column(
        'RequestedDuration',
        'string',
        'expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.\n\nThe v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field as long as the requested duration is not greater than the maximum duration they will honor per the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n\nCertificate signers may not honor this field for various reasons:\n\n  1. Old signer that is unaware of the field (such as the in-tree\n     implementations prior to v1.22)\n  2. Signer whose configured maximum is shorter than the requested duration\n  3. Signer whose configured minimum is longer than the requested duration\n\nThe minimum valid value for expirationSeconds is 600, i.e. 10 minutes.',
      ),
      column('Condition', 'string', 'Conditions applied to the request, such as approval or denial.'),
    ],
    cells: (request, now) => {
      const { signerName, username = '', expirationSeconds } = request.spec;
      return [
        request.metadata.name,
        ageOf(request, now),
        signerName || '<none>',
        username,
        expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
        conditionText(request.status),
      ];
    },
  },
};

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

function validateSpec({ request = '', usages = [], signerName, expirationSeconds }: CertificateSigningRequestSpec): FieldError[] {
  const repeated = repeats(usages, (usage) => usage);
  const pem = Buffer.from(request, 'base64').toString('latin1');
  const begin = /^-----BEGIN CERTIFICATE REQUEST-----\r?\n/m.exec(pem);
  const isRequest = begin !== null && pem.includes('-----END CERTIFICATE REQUEST-----', begin.index + begin[0].length);
  return [
    ...(isRequest ? [] : [invalidValue('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]),
    ...(usages.length ? [] : [required('spec.usages')]),
    ...usages.flatMap((usage, i) => (USAGES.includes(usage) ? [] : [notSupported(`spec.usages[${i}]`, usage, USAGES)])),
    ...usages.flatMap((usage, i) => (repeated.has(i) ? [duplicate(`spec.usages[${i}]`, usage)] : [])),
    ...(signerName === 'kubernetes.io/legacy-unknown'
      ? [invalidValue('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : validateSignerName(signerName, 'spec.signerName')),
    ...(expirationSeconds !== undefined && expirationSeconds < 600
      ? [invalidValue('spec.expirationSeconds', expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')]
      : []),
  ];
}

const FINAL = ['Approved', 'Denied', 'Failed'];

function validateConditions(status: CertificateSigningRequestStatus | undefined): FieldError[] {
  const conditions = status?.conditions ?? [];
  const before = new Set<string>();
  return conditions.flatMap(({ type, status: value }, i) => {
    const path = `status.conditions[${i}]`;
    const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    const errors = [
      ...(type ? [] : [required(`${path}.type`)]),
      ...(value ? [] : [required(`${path}.status`)]),
      ...(value && !allowed.includes(value) ? [notSupported(`${path}.status`, value, allowed)] : []),
      ...(opposite && before.has(opposite) ? [invalidValue('status.conditions', type, 'Approved and Denied conditions are mutually exclusive')] : []),
      ...(before.has(type) ? [duplicate(`${path}.type`, type)] : []),
    ];
    before.add(type);
    return errors;
  });
}

const has = (status: CertificateSigningRequestStatus | undefined, type: string) => status?.conditions?.some((condition) => condition.type === type) ?? false;

/** A chain of certificates, and nothing else (validateCertificate). @param encoded PEM in base64 */
function validateCertificate(encoded: string): FieldError[] {
  const pem = Buffer.from(encoded, 'base64').toString('latin1');
  const types = [...pem.matchAll(/^-----BEGIN ([^\r\n]*)-----\r?$[\s\S]*?^-----END \1-----\r?$/gm)].map(([, type]) => type!);
  const wrong = (detail: string) => [invalidValue('status.certificate', '<certificate data>', detail)];
  const other = types.find((type) => type !== 'CERTIFICATE');
  if (other !== undefined) return wrong(`only CERTIFICATE PEM blocks are allowed, found ${quoted(other)}`);
  return types.length > 0 ? [] : wrong('must contain at least one CERTIFICATE PEM block');
}

const conditionsOf = (status: CertificateSigningRequestStatus | undefined, type: string) =>
  (status?.conditions ?? []).filter((condition) => condition.type === type);

/** Decisions are made through the approval alone. */
function validateDecision(type: string, now: readonly object[], before: readonly object[]): FieldError[] {
  if (now.length < before.length || same(now, before)) return [];
  if (now.length > before.length) return [forbiddenField('status.conditions', `updates may not add a condition of type ${quoted(type)}`)];
  const [a, b] = [before, now].map((conditions) => goValue('[]certificates.CertificateSigningRequestCondition', conditions)) as [GoValue, GoValue];
  return [forbiddenField('status.conditions', `updates may not modify a condition of type ${quoted(type)}\n${goDiff(a, b)}`)];
}

/** What was decided stays decided. */
const validateKeptConditions = (status: CertificateSigningRequestStatus | undefined, previous: CertificateSigningRequestStatus | undefined): FieldError[] =>
  FINAL.flatMap((type) =>
    conditionsOf(status, type).length < conditionsOf(previous, type).length
      ? [forbiddenField('status.conditions', `updates may not remove a condition of type ${quoted(type)}`)]
      : [],
  );

function conditionText(status: CertificateSigningRequestStatus | undefined): string {
  const decision = has(status, 'Denied') ? 'Denied' : has(status, 'Approved') ? 'Approved' : 'Pending';
  return [decision, ...(has(status, 'Failed') ? ['Failed'] : []), ...(status?.certificate ? ['Issued'] : [])].join(',');
}
