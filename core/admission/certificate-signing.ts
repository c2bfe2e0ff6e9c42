import { maySpeakFor } from '../auth/signer-permission.ts';
import { same } from '../kube/object.ts';
import { quoted } from '../kube/validation/field.ts';
import { type AdmissionPlugin, refusal } from './plugin.ts';
import { signingRequestWrittenAt } from './signing-request-write.ts';

/** Who issues a certificate, or says that it cannot be, must be allowed to sign as that signer (plugin/pkg/admission/certificates/signing). */
export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  validate(review) {
    const written = signingRequestWrittenAt('status', review);
    if (!written) return;
    const { object, old } = written;
    const isIssued = (object.status?.certificate ?? '') !== (old.status?.certificate ?? '');
    if (!isIssued && same(object.status?.conditions ?? [], old.status?.conditions ?? [])) return;
    const { signerName } = old.spec;
    if (maySpeakFor(signerName, { ...review, verb: 'sign' })) return;
    throw refusal(review, `user not permitted to sign requests with signerName ${quoted(signerName)}`);
  },
};
