import type { User } from '../../auth/user.ts';
import { withAuthenticated } from '../../auth/user.ts';
import { timestamp } from '../../object.ts';
import { badRequest } from '../../status.ts';
import { answerWith } from '../answers.ts';
import type { Call } from '../call.ts';
import { objectFromBody } from '../object-body.ts';
import { authenticatorFor, meantForUs } from '../stages/authenticate.ts';
import { bodyType } from '../target.ts';

/** "Who am I?" (`kubectl auth whoami`). */
export function selfSubjectReview(call: Call): Response {
  const { kind, apiVersion } = objectFromBody(call, bodyType(call.target), { fieldValidation: 'Warn' });
  return answerWith(
    call,
    { kind, apiVersion, metadata: { creationTimestamp: timestamp(call.api.env.clock.now()) }, status: { userInfo: userInfo(call.user) } },
    201,
  );
}

/** "Whose token is this?" (authentication.k8s.io TokenReview). The token goes back to whoever showed it and nowhere else. */
export async function tokenReview(call: Call): Promise<Response> {
  const { kind, apiVersion, spec } = objectFromBody(call, bodyType(call.target), { fieldValidation: 'Warn' });
  if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
  const authentication = await authenticatorFor(call)(spec.token);
  const wanted: readonly string[] = spec.audiences ?? [];
  const audiences =
    wanted.length === 0 ? undefined : wanted.filter((audience) => authentication?.audiences === undefined || authentication.audiences.includes(audience));
  const good = authentication && (audiences ? audiences.length > 0 : meantForUs(call, authentication.audiences));
  const status = good
    ? { authenticated: true, user: userInfo(withAuthenticated(authentication.user)), ...(audiences && { audiences }) }
    : { authenticated: false, error: 'invalid bearer token' };
  return answerWith(call, { kind, apiVersion, metadata: {}, spec, status }, 201);
}

const userInfo = ({ username, uid, groups, extra }: User) => ({ username, ...(uid && { uid }), groups, ...(extra && { extra }) });
