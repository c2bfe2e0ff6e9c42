import { StatusError } from '../../kube/status.ts';
import { ANONYMOUS, type User } from '../../kube/user.ts';
import { LogUnavailable } from '../../log/log.ts';
import { statusOf } from '../answers/failures.ts';
import { isLongRunning } from '../answers/long-running.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import type { AuditedRequest } from '../audit/policy.ts';
import { sourceIPs } from '../audit/source-ips.ts';
import type { AuthenticatedCall, AuthorizedCall, ClusterCall, LocatedCall, NamedCall } from '../call.ts';
import { attributesOf } from './authorize.ts';

/** Opens what is written down of a request; without a policy there is nothing to open (Kubernetes documentation, "Auditing"). */
export function openAudit({ api, request: { headers }, auditID, sent, connection }: NamedCall): Pick<LocatedCall, 'audit'> {
  if (!api.audit) return NONE;
  const received = { auditID, requestURI: sent, sourceIPs: sourceIPs(headers, connection.peer), userAgent: headers.get('user-agent') ?? '' };
  return { audit: new AuditTrail(api.audit, received, api.env.clock) };
}

const NONE: Pick<LocatedCall, 'audit'> = { audit: undefined };

/** Writes down what comes of a request, and that it came, where that was not known before (apiserver/pkg/endpoints/filters/audit.go, authn_audit.go). */
export function audited(call: LocatedCall & Partial<AuthenticatedCall>, next: () => Promise<Response>): Promise<Response> | undefined {
  return call.audit && auditedBy(call.audit, call, next);
}

async function auditedBy(audit: AuditTrail, call: LocatedCall & Partial<AuthenticatedCall>, next: () => Promise<Response>): Promise<Response> {
  try {
    const response = await next();
    beginLate(audit, call, response.status);
    answered(audit, response);
    return response;
  } catch (error) {
    const status = statusOf(error);
    beginLate(audit, call, status.code);
    audit.failedWith(status);
    if (error instanceof StatusError || error instanceof LogUnavailable) audit.reach(audit.hasUser ? 'ResponseComplete' : 'ResponseStarted');
    else {
      // What a bug says may quote anything: the host alone is told of it.
      audit.failedWith({ ...status, message: "APIServer panic'd: an unexpected error" });
      audit.reach('Panic');
    }
    throw error;
  }
}

/** What ended before a cluster was looked at: health, a cluster that there is not, and, of nobody, what failed to authenticate. */
function beginLate(audit: AuditTrail, call: LocatedCall & Partial<AuthenticatedCall>, code: number): void {
  if (audit.hasBegun) return;
  const user = code === 401 ? undefined : call.authentication?.user;
  audit.begin(requestOf(call, user));
  if (user) audit.reach('RequestReceived');
}

/** The call is not kept: of a watch this is all that lasts. */
function answered(audit: AuditTrail, response: Response): void {
  audit.answeredCode(response.status);
  audit.reach(isLongRunning(response) ? 'ResponseStarted' : 'ResponseComplete');
  if (isLongRunning(response)) void response.over.then(() => audit.reach('ResponseComplete'));
}

/** Begins it for the user whom the token says, before anything is done for them. */
export function auditReceived(call: ClusterCall & Pick<AuthorizedCall, 'bearer'>): undefined {
  const { audit, bearer } = call;
  if (!audit) return undefined;
  audit.begin(requestOf(call, bearer));
  audit.reach('RequestReceived');
  return undefined;
}

/** As it is authorized, but of the user who was authenticated, not of the one that they act as. */
const requestOf = (call: LocatedCall, user: User | undefined): AuditedRequest => ({ ...attributesOf(call, user ?? ANONYMOUS), user });
