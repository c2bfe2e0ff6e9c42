import type { ReceivedCall } from '../call.ts';

/**
 * Names every request, by what its client names it or by an id of its own, in the answer's `Audit-Id`: what a client and a server's log say of one request can be
 * brought together by it (apiserver/pkg/endpoints/filters/audit_init.go).
 */
export async function auditId({ api, request }: ReceivedCall, next: () => Promise<Response>): Promise<Response> {
  const id = request.headers.get('audit-id') || api.env.ids.uid();
  const response = await next();
  response.headers.set('audit-id', id.slice(0, MAX_LENGTH));
  return response;
}

/** apiserver/pkg/audit/context.go, GetAuditIDTruncated. */
const MAX_LENGTH = 64;
