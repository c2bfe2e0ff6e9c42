import type { Env } from '../../env.ts';
import { type ClusterInstant, clusterInstant, epochMs, plus } from '../../instant.ts';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';
import { firstCertificate } from '../../x509/certificate.ts';
import { type Controller, nothing } from '../controller.ts';
import { earliest } from '../shared/earliest.ts';
import { deletionOf } from '../shared/mutations.ts';
import { CERTIFICATE_CONTROLLER, SIGNING_REQUESTS } from './decisions.ts';

const HOUR = 3_600_000;

/** Deletes requests that have been decided, or that nobody has decided, some time after (pkg/controller/certificates/cleaner, which looks every hour). */
export const csrCleaner: Controller<CertificateSigningRequest> = {
  name: 'csrcleaner',
  actor: CERTIFICATE_CONTROLLER,
  resource: SIGNING_REQUESTS,
  reconcile({ object: request, now, env }) {
    if (!request || request.metadata.deletionTimestamp) return nothing;
    const left = validFor(request, env);
    // As if the cluster's time went with the wall clock: where it does not, this looks again.
    const end = earliest(endOf(request), left === undefined ? undefined : plus(now, left));
    if (end === undefined) return nothing;
    return end <= now ? { mutations: [deletionOf(SIGNING_REQUESTS, request)] } : { mutations: [], enqueueAt: end };
  },
};

function endOf({ metadata, status }: CertificateSigningRequest): ClusterInstant | undefined {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return metadata.creationTimestamp ? plus(clusterInstant(metadata.creationTimestamp), 24 * HOUR) : undefined;
  const kept: Readonly<Record<string, number | undefined>> = { Denied: HOUR, Failed: HOUR, Approved: status?.certificate ? HOUR : 24 * HOUR };
  return conditions
    .map(({ type, lastUpdateTime }) => (kept[type] && lastUpdateTime ? plus(clusterInstant(lastUpdateTime), kept[type]) : undefined))
    .reduce((first, end) => earliest(first, end), undefined);
}

/** For how long its certificate is good, in ms by the wall clock. */
function validFor({ status }: CertificateSigningRequest, { clock }: Env): number | undefined {
  if (!status?.certificate || !status.conditions?.some(({ type }) => type === 'Approved')) return undefined;
  const certificate = firstCertificate(Buffer.from(status.certificate, 'base64').toString('latin1'));
  return certificate && Date.parse(certificate.validTo) - epochMs(clock.now());
}
