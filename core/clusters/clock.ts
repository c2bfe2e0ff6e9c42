import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { creation, update } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import { decided } from '../decide/decision.ts';
import type { Env } from '../env.ts';
import { userNamed } from '../kube/user.ts';
import { clockData, clusterClock, isRate, MAX_RATE, NAME, NAMESPACE } from '../replica/cluster-clock.ts';
import type { ClockChange } from '../replica/cluster-time.ts';
import type { Replica } from '../replica/replica.ts';

/** Lets the time of a cluster go at another rate from now on: so many ms of it in each ms of real time; 0: it stands still. Throws a RangeError. */
export async function setRate(replica: Replica, rate: number, env: Env): Promise<void> {
  if (!isRate(rate)) throw new RangeError(`the rate of a cluster's clock is from 0 to ${MAX_RATE}, not ${rate}`);
  await setClock(replica, { rate }, env);
}

/** Puts the time of a cluster forward, whatever its rate: all that is due by then is due at once. Throws a RangeError: time does not go back. */
export async function advance(replica: Replica, ms: number, env: Env): Promise<void> {
  if (!(ms >= 0 && replica.now() + ms <= LATEST)) throw new RangeError(`a cluster's clock cannot be put forward by ${ms} ms`);
  await setClock(replica, { advanceMs: ms }, env);
}

/** The last moment that a Kubernetes time can name. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

async function setClock(replica: Replica, change: Partial<ClockChange>, env: Env): Promise<void> {
  await replica.commit((state, now) => {
    const { rate = state.view(clusterClock).rate, advanceMs = 0 } = change;
    if (rate === state.view(clusterClock).rate && advanceMs === 0) return { events: [], answer: () => undefined };
    const data = clockData(replica.clockSet(now, { rate, advanceMs }));
    const there = state.get('configmaps', NAMESPACE, NAME);
    const decision = decide(
      state,
      there
        ? update('configmaps', { ...there, data })
        : creation('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: NAMESPACE }, data }),
      { env, now, actor: userNamed('system:apiserver'), plugins: defaultAdmissionPlugins },
    );
    return { events: decided(decision).events, answer: () => undefined };
  });
}
