import { ALGORITHM } from '../../auth/signing-key.ts';
import type { AuthorizedCall } from '../call.ts';

/**
 * What those need that are to trust the tokens of service accounts without asking the API server (Configure Service Accounts for Pods, "Service account issuer
 * discovery"; pkg/serviceaccount/openidmetadata.go). Undefined where no tokens are issued.
 */
export function openidConfiguration({ api, request, prefix }: AuthorizedCall): Response | undefined {
  const tokens = api.serviceAccountTokens;
  if (!tokens) return undefined;
  const host = request.headers.get('host') ?? 'localhost';
  return document('application/json', {
    issuer: tokens.issuer,
    jwks_uri: `https://${host}${prefix}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [ALGORITHM],
  });
}

export function openidKeys({ api, cluster }: AuthorizedCall): Response | undefined {
  const keys = api.serviceAccountTokens?.publicKeys(cluster);
  return keys && document('application/jwk-set+json', { keys });
}

const document = (type: string, value: object) =>
  new Response(JSON.stringify(value), { headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' } });
