import type { HttpsGet } from '../https-get.ts';
import { type Principal, principalOf } from './arn.ts';
import { CLUSTER_HEADER, type PresignedCall } from './sts-token.ts';

/** Who STS says signed a call. */
export interface CallerIdentity extends Principal {
  /** As STS says it: of an assumed role with the session's name. */
  readonly arn: string;
  /** The unique id of a user or role: `AROA…`. */
  readonly userId: string;
  /** '' where there is none. For the role of an EC2 instance its id; others that assume a role choose it. */
  readonly sessionName: string;
  readonly accessKeyId: string;
}

/**
 * Has STS say who signed a call for a cluster: the header makes it another one's signature where the token was made for another cluster. undefined: STS refuses it, or it is nobody
 * that access can be given to. Rejects when STS gives no answer.
 */
export async function callerIdentity(
  { url, accessKeyId }: PresignedCall,
  { cluster, get }: { cluster: string; get: HttpsGet },
): Promise<CallerIdentity | undefined> {
  const headers = { [CLUSTER_HEADER]: cluster, accept: 'application/json' };
  const { status, body } = await get({ url, headers, maxBytes: MOST_BYTES, timeoutMs: TIMEOUT_MS });
  if (status >= 500) throw new Error(`STS answered ${status}`);
  const said = status === 200 ? resultIn(body) : undefined;
  const principal = said && principalOf(said.arn);
  if (!principal || principal.account !== said.account) return undefined;
  const [userId, sessionName = '', ...more] = said.userId.split(':');
  return userId && more.length === 0 ? { ...principal, arn: said.arn, userId, sessionName, accessKeyId } : undefined;
}

const MOST_BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;

interface Result {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

function resultIn(body: Uint8Array): Result | undefined {
  let answer: Answer | null;
  try {
    answer = JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
  const { Account: account, Arn: arn, UserId: userId } = answer?.GetCallerIdentityResponse?.GetCallerIdentityResult ?? {};
  return typeof account === 'string' && typeof arn === 'string' && typeof userId === 'string' ? { account, arn, userId } : undefined;
}

interface Answer {
  readonly GetCallerIdentityResponse?: { readonly GetCallerIdentityResult?: { readonly Account?: unknown; readonly Arn?: unknown; readonly UserId?: unknown } };
}
