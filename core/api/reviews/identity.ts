import { bearerIn } from '../../auth/authenticator.ts';
import { epochMs } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import { withAuthenticated } from '../../kube/user.ts';
import type { TokenReview } from '../../schema/generated/kinds.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { bodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { authenticateToken, ownAudiences } from '../stages/authenticate.ts';

/** "Who am I?" (`kubectl auth whoami`). */
export function selfSubjectReview(call: WriteCall): Response {
  const { kind, apiVersion } = objectFromBody(call, bodyType(call.target), { fieldValidation: 'Warn' });
  // By real time: no log is read for a client that did not authenticate, so that no cluster's time is known.
  const creationTimestamp = timestamp(epochMs(call.api.env.clock.now()));
  return answerWith(call, { kind, apiVersion, metadata: { creationTimestamp }, status: { userInfo: userInfo(call.user) } }, 201);
}

/**
 * "Whose token is this, and is it meant for me?" (authentication.k8s.io TokenReview; registry/authentication/tokenreview). Asked for no audience, it answers
 * for this API server; a token that names none is the host's own and good for this API server alone. The token goes back to the client that showed it and nowhere else.
 */
export async function tokenReview(call: WriteCall): Promise<Response> {
  const { kind, apiVersion, spec } = objectFromBody<TokenReview>(call, bodyType(call.target), { fieldValidation: 'Warn' });
  if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
  const authentication = await authenticateToken(call, spec.token);
  const isJudgedByState = authentication?.boundTo !== undefined || authentication?.namedBy !== undefined;
  const bearer = isJudgedByState ? bearerIn(authentication, await newestState(call)) : authentication?.user;
  const own = ownAudiences(call);
  const wanted: readonly string[] = spec.audiences?.length ? spec.audiences : own;
  const audiences = (authentication?.audiences ?? own).filter((audience) => wanted.includes(audience));
  // Only a server that issues no tokens is no audience, and then nothing but its own tokens can be asked about.
  const good = authentication && bearer && (audiences.length > 0 || (wanted.length === 0 && authentication.audiences === undefined));
  const status = good
    ? { authenticated: true, user: userInfo(withAuthenticated(bearer)), ...(audiences.length > 0 && { audiences }) }
    : { user: {}, error: 'invalid bearer token' };
  return answerWith(call, { kind, apiVersion, metadata: {}, spec, status }, 201);
}

const userInfo = ({ username, uid, groups, extra }: User) => ({ username, ...(uid && { uid }), groups, ...(extra && { extra }) });
