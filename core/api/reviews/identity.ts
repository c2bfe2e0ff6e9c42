import { bearerIn } from '../../auth/bearer-in.ts';
import { epochMs } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import { withAuthenticated } from '../../kube/user.ts';
import { quoted } from '../../kube/validation/field.ts';
import type { TokenReview } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { noteUse } from '../request/legacy-token-use.ts';
import { authenticateToken, ownAudiences } from '../stages/authenticate.ts';
import { admittedReview } from './admitted-review.ts';

/** "Who am I?" (`kubectl auth whoami`). */
export async function selfSubjectReview(call: WriteCall): Promise<Response> {
  const { kind, apiVersion } = (await admittedReview(call)).review;
  // By real time: no log is read for a client that did not authenticate, so that no cluster's time is known.
  const creationTimestamp = timestamp(epochMs(call.api.env.clock.now()));
  return answerWith(call, { kind, apiVersion, metadata: { creationTimestamp }, status: { userInfo: userInfo(call.user) } }, 201);
}

/**
 * "Whose token is this, and is it meant for me?" (authentication.k8s.io TokenReview; registry/authentication/tokenreview). Asked for no audience, it answers
 * for this API server; a token that names none is the host's own and good for this API server alone. The token goes back to the client that showed it and nowhere else.
 */
export async function tokenReview(call: WriteCall): Promise<Response> {
  const { review: asked, state } = await admittedReview<TokenReview>(call, (sent) => {
    if (!sent.spec?.token) throw badRequest('token is required for TokenReview in authentication');
    return sent;
  });
  const { kind, apiVersion, spec } = asked;
  const review = await reviewOf(call, spec.token!, { asked: spec.audiences ?? [], state });
  const status =
    'why' in review
      ? { user: {}, error: review.why === undefined ? INVALID : `[${INVALID}, ${review.why}]` }
      : { authenticated: true, user: userInfo(withAuthenticated(review.user)), ...(review.audiences.length > 0 && { audiences: review.audiences }) };
  return answerWith(call, { kind, apiVersion, metadata: {}, spec, status }, 201);
}

/** What kube-apiserver's own token, which is asked first, has to say of every other. */
const INVALID = 'invalid bearer token';

type Review = { readonly user: User; readonly audiences: readonly string[] } | { readonly why: string | undefined };

/** Whose token it is and for which of the audiences asked for, or why it is not good, where it is one of ours. */
async function reviewOf(call: WriteCall, token: string, { asked, state }: { asked: readonly string[]; state: State }): Promise<Review> {
  let why: string | undefined;
  const authentication = await authenticateToken(call, token, (reason) => (why = reason));
  if (!authentication) return { why };
  const own = ownAudiences(call);
  const wanted = asked.length > 0 ? asked : own;
  const given = authentication.audiences ?? own;
  const audiences = given.filter((audience) => wanted.includes(audience));
  // Only a server that issues no tokens is no audience, and then nothing but its own tokens can be asked about.
  const isFor = audiences.length > 0 || (wanted.length === 0 && authentication.audiences === undefined);
  if (!isFor) return { why: authentication.audiences && `token audiences ${listed(given)} is invalid for the target audiences ${listed(wanted)}` };
  if (authentication.ofLog !== undefined && authentication.ofLog !== call.replica.logName) return { why: 'the cluster that the token was issued for is gone' };
  const isJudgedByState = authentication.boundTo !== undefined || authentication.namedBy !== undefined;
  const bearer = isJudgedByState ? bearerIn(authentication, state, call.replica.now()) : authentication;
  if ('why' in bearer) return bearer;
  if (authentication.heldBy) await noteUse(call, authentication.heldBy);
  return { user: bearer.user, audiences };
}

/** As Go prints a list with %q. */
const listed = (texts: readonly string[]) => `[${texts.map(quoted).join(' ')}]`;

const userInfo = ({ username, uid, groups, extra }: User) => ({ username, ...(uid && { uid }), groups, ...(extra && { extra }) });
