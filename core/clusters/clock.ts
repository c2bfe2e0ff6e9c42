import type { ClusterInstant } from '../instant.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { CLOCK_KEY, type ClusterClock, clockObject, clusterClock, realClock } from '../replica/cluster-clock.ts';
import type { ClockChange } from '../replica/cluster-time.ts';
import type { Replica } from '../replica/replica.ts';
import { CLOCK_RATE_SYNTAX, isClockRate } from './clock-rate-setting.ts';

/** Lets the time of a cluster go at another rate from now on: so many ms of it in each ms of real time; 0: it stands still. Throws a RangeError. */
export async function setRate(replica: Replica, rate: number): Promise<void> {
  if (!isClockRate(rate)) throw new RangeError(`the rate of a cluster's clock is ${CLOCK_RATE_SYNTAX}, not ${rate}`);
  await setClock(replica, () => ({ rate }));
}

/** Puts the time of a cluster forward, whatever its rate: all that is due by then is due at once. Throws a RangeError: time does not go back. */
export async function advance(replica: Replica, ms: number): Promise<void> {
  if (!(ms >= 0 && replica.now() + ms <= LATEST)) throw new RangeError(`a cluster's clock cannot be put forward by ${ms} ms`);
  await setClock(replica, () => ({ advanceMs: ms }));
}

/**
 * Puts the time of a cluster forward by as much as was ordered in all and is not done yet, once: who is not sure that it was done asks again. It does not go beyond the last moment that
 * there is.
 */
export async function advanceAsOrdered(replica: Replica, { by, ordered, done }: { by: string; ordered: number; done: number }): Promise<void> {
  await setClock(replica, ({ orders }, now) => {
    const followed = Math.max(done, orders?.by === by ? orders.ms : 0);
    return ordered > followed ? { advanceMs: Math.max(0, Math.min(ordered - followed, LATEST - now)), orders: { by, ms: ordered } } : {};
  });
}

/** The last moment that a Kubernetes time can name. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Writes the event itself: what keeps the setting is no object of an API, with defaults, a strategy and admission. */
async function setClock(
  replica: Replica,
  changeOf: (before: ClusterClock, now: ClusterInstant) => Partial<ClockChange> & Pick<ClusterClock, 'orders'>,
): Promise<void> {
  await replica.commit((state, now) => {
    const before = state.view(clusterClock);
    const { rate = before.rate, advanceMs = 0, orders = before.orders } = changeOf(before, now);
    if (rate === before.rate && advanceMs === 0 && orders === before.orders) return { events: [], answer: () => undefined };
    const clock = { ...replica.clockSet(now, { rate, advanceMs }), ...(orders && { orders }) };
    const set = { key: CLOCK_KEY, object: clockObject(clock), actor: userNamed('system:apiserver') };
    const event: LogEvent = before === realClock ? { type: 'ADDED', ...set } : { type: 'MODIFIED', ...set };
    return { events: [event], answer: () => undefined };
  });
}
