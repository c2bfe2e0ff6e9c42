import { MASTERS } from '../kube/user.ts';
import { certificateRequestOf } from '../x509/certificate-request.ts';
import { type AdmissionPlugin, refusal, writeTo } from './plugin.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Nobody becomes an administrator for ever by a certificate (plugin/pkg/admission/certificates/subjectrestriction). */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(review) {
    const request = writeTo(review, 'certificatesigningrequests.certificates.k8s.io', 'CREATE')?.object;
    if (request?.spec.signerName !== SIGNER) return;
    // Validation has read it.
    if (!certificateRequestOf(request.spec.request).subject.organization.includes(MASTERS)) return;
    throw refusal(review, `use of ${SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};
