import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { User } from '../../kube/user.ts';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { certificateRequestOf } from '../../x509/certificate-request.ts';
import { type Controller, nothing } from '../controller.ts';
import { CERTIFICATE_CONTROLLER, hasCondition, SIGNING_REQUESTS, statusOfRequest } from './decisions.ts';
import { kubeletClientProblem } from './kubelet-certificates.ts';

/** Approves client certificates of kubelets for those who may have them (pkg/controller/certificates/approver): a node for itself, and who bootstraps nodes for any. */
export const csrApproving: Controller<CertificateSigningRequest> = {
  name: 'csrapproving',
  actor: CERTIFICATE_CONTROLLER,
  resource: SIGNING_REQUESTS,
  // Leave may be given later.
  watches: {
    'clusterroles.rbac.authorization.k8s.io': (_change, state) => undecided(state),
    'clusterrolebindings.rbac.authorization.k8s.io': (_change, state) => undecided(state),
  },
  reconcile({ object: request, state }) {
    if (!request || request.status?.certificate || hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return nothing;
    const message = reasonToApprove(request, state);
    if (message === undefined) return nothing;
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
    return { mutations: [statusOfRequest(request, { conditions: [...(request.status?.conditions ?? []), approved] }, 'approval')] };
  },
};

const undecided = (state: State): Key[] => state.by(byDecision, 'undecided').map(({ metadata }) => keyOf(SIGNING_REQUESTS, undefined, metadata.name));

const byDecision = index([SIGNING_REQUESTS], (_key, request) => (request.status?.conditions?.length ? [] : ['undecided']));

function reasonToApprove({ spec }: CertificateSigningRequest, state: State): string | undefined {
  if (spec.signerName !== 'kubernetes.io/kube-apiserver-client-kubelet') return undefined;
  const asked = certificateRequestOf(spec.request);
  if (kubeletClientProblem(asked, spec.usages ?? []) !== undefined) return undefined;
  const may = (subresource: string) =>
    clusterAuthorizer.authorize(
      { user: requestorOf(spec), verb: 'create', group: 'certificates.k8s.io', version: '*', resource: 'certificatesigningrequests', subresource },
      state,
    ).allowed;
  if (spec.username === asked.subject.commonName && may('selfnodeclient')) return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
  return may('nodeclient') ? 'Auto approving kubelet client certificate after SubjectAccessReview.' : undefined;
}

const requestorOf = ({ username = '', uid, groups = [], extra }: CertificateSigningRequest['spec']): User => ({
  username,
  ...(uid !== undefined && { uid }),
  groups,
  ...(extra && { extra }),
});
