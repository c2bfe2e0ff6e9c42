import type { UpdateMutation } from '../../apis/mutation.ts';
import { controllerUser } from '../../kube/user.ts';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';

export const SIGNING_REQUESTS = 'certificatesigningrequests.certificates.k8s.io';

/** As which the controllers of pkg/controller/certificates write. */
export const CERTIFICATE_CONTROLLER = controllerUser('certificate-controller');

export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

/** A request with a part of its status replaced, by the subresource through which that is allowed. */
export function statusOfRequest(
  request: CertificateSigningRequest,
  status: CertificateSigningRequest['status'],
  subresource: 'approval' | 'status',
): UpdateMutation<typeof SIGNING_REQUESTS> {
  const { resourceVersion: _, ...metadata } = request.metadata;
  return { type: 'update', resource: SIGNING_REQUESTS, subresource, object: { ...request, metadata, status: { ...request.status, ...status } } };
}
