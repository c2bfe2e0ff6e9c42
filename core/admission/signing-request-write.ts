import type { CertificateSigningRequest } from '../schema/generated/kinds.ts';
import type { AdmissionReview } from './plugin.ts';

/** A write to a part of a CertificateSigningRequest; undefined for all other writes. */
export function signingRequestWrittenAt(subresource: 'approval' | 'status', review: AdmissionReview): Written | undefined {
  if (review.subresource !== subresource || review.resource.groupResource !== 'certificatesigningrequests.certificates.k8s.io') return undefined;
  return review.operation === 'UPDATE' ? ({ object: review.object, old: review.old } as Written) : undefined;
}

interface Written {
  readonly object: CertificateSigningRequest;
  readonly old: CertificateSigningRequest;
}
