import type { ClusterInstant } from '../../instant.ts';
import { humanDuration } from '../../kube/duration.ts';
import { timestamp } from '../../kube/object.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition, CertificateSigningRequestStatus } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateRequest, validateRequestUpdate } from './certificatesigningrequest-validation.ts';

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
    stampConditions(request, previous, now);
  },
  prepareForStatusUpdate(request, previous, { now }) {
    keepDecisions(request, previous);
    stampConditions(request, previous, now);
  },
  validate: validateRequest,
  validateUpdate: (request, previous, subresource) => validateRequestUpdate(request, previous, { decides: subresource === 'approval', issues: false }),
  validateStatusUpdate: (request, previous) => [
    ...validateRequest(request, previous),
    ...validateRequestUpdate(request, previous, { decides: false, issues: true }),
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

/** The status decides nothing: a decision in it stays as it was, unless one is added or removed, which is refused (preserveConditionInstances). */
function keepDecisions(request: CertificateSigningRequest, previous: CertificateSigningRequest): void {
  for (const type of ['Approved', 'Denied']) {
    const conditions = conditionsOf(request);
    const before = conditionsOf(previous).filter((condition) => condition.type === type);
    if (conditions.filter((condition) => condition.type === type).length !== before.length) continue;
    setConditions(
      request,
      conditions.map((condition) => (condition.type === type ? before.shift()! : condition)),
    );
  }
}

/** When a condition was last written and when it last changed, where its writer does not say (populateConditionTimestamps). */
function stampConditions(request: CertificateSigningRequest, previous: CertificateSigningRequest, now: ClusterInstant): void {
  const stamp = timestamp(now);
  const stamped = conditionsOf(request).map((condition) => {
    const { type, status, lastUpdateTime = stamp } = condition;
    const before = conditionsOf(previous).find((earlier) => earlier.type === type && earlier.status === status && earlier.lastTransitionTime);
    return { ...condition, lastUpdateTime, lastTransitionTime: condition.lastTransitionTime ?? before?.lastTransitionTime ?? stamp };
  });
  setConditions(request, stamped);
}

const conditionsOf = ({ status }: CertificateSigningRequest): readonly CertificateSigningRequestCondition[] => status?.conditions ?? [];

function setConditions(request: CertificateSigningRequest, conditions: CertificateSigningRequestCondition[]): void {
  if (request.status?.conditions) request.status = { ...request.status, conditions };
}

function conditionText(status: CertificateSigningRequestStatus | undefined): string {
  const has = (type: string) => status?.conditions?.some((condition) => condition.type === type) ?? false;
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return [decision, ...(has('Failed') ? ['Failed'] : []), ...(status?.certificate ? ['Issued'] : [])].join(',');
}
