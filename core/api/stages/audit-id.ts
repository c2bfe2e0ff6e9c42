import type { NamedCall, ReceivedCall } from '../call.ts';

/**
 * Names every request, by what its client names it or by an id of its own: what a client, a server's log and the audit log say of one request can be
 * brought together by it (apiserver/pkg/endpoints/filters/audit_init.go).
 */
export const auditId = ({ api, request }: ReceivedCall): { auditID: string } => ({
  auditID: (request.headers.get('audit-id') || api.env.ids.uid()).slice(0, MAX_LENGTH),
});

/** Says the id in the answer's `Audit-Id`. */
export async function auditIdHeader({ auditID }: NamedCall, next: () => Promise<Response>): Promise<Response> {
  const response = await next();
  response.headers.set('audit-id', auditID);
  return response;
}

/** apiserver/pkg/audit/context.go, GetAuditIDTruncated. */
const MAX_LENGTH = 64;
