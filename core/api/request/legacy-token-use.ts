import { update } from '../../apis/mutation.ts';
import type { HoldingSecret } from '../../auth/authenticator.ts';
import { decide } from '../../decide/decide.ts';
import { isAsking } from '../../decide/decision.ts';
import { timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { Secret } from '../../schema/generated/kinds.ts';
import type { ClusterCall } from '../call.ts';

const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const DAY_MS = 86_400_000;

/**
 * Writes down on which day the token of a Secret was used last, once a day (pkg/serviceaccount/legacy.go, patchSecretWithLastUsedDate). A request is answered whether or not that succeeds.
 */
export async function noteUse({ api, replica, state }: Pick<ClusterCall, 'api' | 'replica' | 'state'>, { namespace, name }: HoldingSecret): Promise<void> {
  if (isNoted(state.get('secrets', namespace, name), replica.now())) return;
  try {
    await replica.commit((state, now) => {
      const secret = state.get('secrets', namespace, name);
      if (!secret || isNoted(secret, now)) return nothing;
      const labels = { ...secret.metadata.labels, [LAST_USED]: dayOf(now) };
      const noted = update('secrets', { ...secret, metadata: { ...secret.metadata, labels } });
      const decision = decide(state, noted, { env: api.env, now, actor: userNamed('system:apiserver'), plugins: api.admissionPlugins });
      return isAsking(decision) ? nothing : { events: decision.events, answer: () => undefined };
    });
  } catch (error) {
    api.problem(`the use of the token in secret ${namespace}/${name} was not written down`, error);
  }
}

const nothing = { events: [], answer: () => undefined };

/** The clocks of two servers may differ at midnight. */
const isNoted = (secret: Secret | undefined, now: number): boolean => [dayOf(now), dayOf(now + DAY_MS)].includes(secret?.metadata.labels?.[LAST_USED] ?? '');

const dayOf = (now: number) => timestamp(now).slice(0, 10);
