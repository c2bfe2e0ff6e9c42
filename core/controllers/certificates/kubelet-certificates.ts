import type { CertificateRequest } from '../../x509/certificate-request.ts';

/** Why a request is not for the client certificate of a kubelet, in Kubernetes' words (pkg/apis/certificates, ValidateKubeletClientCSR); undefined: it is. */
export function kubeletClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!request.subject.commonName.startsWith(NODE)) return NO_NODE;
  return usagesProblem(usages, ['client auth', 'digital signature', 'key encipherment']);
}

/** The same for its serving certificate (ValidateKubeletServingCSR). */
export function kubeletServingProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const wrong = usagesProblem(usages, ['digital signature', 'key encipherment', 'server auth']);
  return wrong ?? (request.subject.commonName.startsWith(NODE) ? undefined : NO_NODE);
}

const NODE = 'system:node:';
const NO_NODE = `subject common name does not begin with ${NODE}`;

const isOfNodes = ({ subject: { organization } }: CertificateRequest) => organization.length === 1 && organization[0] === 'system:nodes';

/** All of them, but that the one for RSA may be left out. */
function usagesProblem(usages: readonly string[], wanted: readonly string[]): string | undefined {
  const given = new Set(usages);
  const isRight = given.isSubsetOf(new Set(wanted)) && wanted.every((usage) => usage === 'key encipherment' || given.has(usage));
  return isRight ? undefined : `usages did not match [${wanted.join(' ')}]`;
}
