import { maySpeakFor } from '../auth/signer-permission.ts';
import { quoted } from '../kube/validation/field.ts';
import { type AdmissionPlugin, refusal } from './plugin.ts';
import { signingRequestWrittenAt } from './signing-request-write.ts';

/** Who decides on a request for a certificate must be allowed to approve what its signer signs (plugin/pkg/admission/certificates/approval). */
export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  validate(review) {
    const written = signingRequestWrittenAt('approval', review);
    if (!written) return;
    const { signerName } = written.old.spec;
    if (maySpeakFor(signerName, { ...review, verb: 'approve' })) return;
    throw refusal(review, `user not permitted to approve requests with signerName ${quoted(signerName)}`);
  },
};
