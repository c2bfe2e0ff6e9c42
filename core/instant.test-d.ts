import type { ServiceAccountTokens } from './auth/service-account-tokens.ts';
import { decide } from './decide/decide.ts';
import { systemEnv } from './env.ts';
import { between, type ClusterInstant, earlierOf, plus, realDelay } from './instant.ts';
import { userNamed } from './kube/user.ts';
import type { Wakeups } from './reconcile/wakeups.ts';
import { State } from './state/state.ts';

/** Nothing of this is run: `tsc -p .` fails when one of these lines compiles. */
export function mixing(now: ClusterInstant, wakeups: Wakeups, tokens: ServiceAccountTokens): void {
  const { clock } = systemEnv;
  const wall = clock.now();
  const elapsed = clock.elapsed();
  const actor = userNamed('me');

  // @ts-expect-error A decision stamps objects: it takes cluster time, not the wall clock.
  decide(State.empty, { type: 'bind' } as never, { env: systemEnv, now: wall, actor });
  // @ts-expect-error Nor a number, which does not say by which clock it is.
  decide(State.empty, { type: 'bind' } as never, { env: systemEnv, now: 1_767_225_600_000, actor });

  // @ts-expect-error A token expires by the wall clock: other machines check it.
  tokens.authenticate('token', { cluster: 'c', now, state: async () => State.empty });
  const expires = plus(wall, 3_600_000);
  // @ts-expect-error Whether it has expired is not for a cluster's time to say.
  if (expires < now) return;
  // @ts-expect-error Nor is how long it is still good.
  expires - now;
  // @ts-expect-error
  between(wall, now);
  // @ts-expect-error
  earlierOf(now, wall);

  // @ts-expect-error The two clocks of a process have nothing to do with each other either.
  if (elapsed < wall) return;
  // @ts-expect-error
  between(elapsed, now);
  // @ts-expect-error An instant moved by a number is still one, by whatever clock.
  const later: ClusterInstant = now + 1_000;

  // @ts-expect-error A timer waits for a while, and not for a moment.
  wakeups.later('c', 'nodes', later);
  // @ts-expect-error A while of cluster time is one of real time only at the cluster's rate.
  wakeups.later('c', 'nodes', later - now);
  wakeups.later('c', 'nodes', realDelay(1_000));
  // @ts-expect-error
  clock.sleep(now);
  clock.sleep(later - now);
}
