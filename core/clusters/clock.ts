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

/** By how much time is to be put forward in all, in ms, by the uid of the Cluster that says so, and how much of that is known to be done. */
export interface Order {
  readonly by: string;
  readonly ordered: number;
  readonly done: number;
}

/** How much of an order is not done yet, in ms. */
export const leftOf = ({ by, ordered, done }: Order, { orders }: ClusterClock): number =>
  Math.max(0, ordered - Math.max(done, orders?.by === by ? orders.ms : 0));

/**
 * Puts the time of a cluster forward by as much as was ordered and is not done yet, or a part of it, once: who is not sure that it was done asks again. It does not go beyond the last moment
 * that there is.
 */
export async function advanceAsOrdered(replica: Replica, order: Order, atMost = Number.POSITIVE_INFINITY): Promise<void> {
  await setClock(replica, (clock, now) => {
    const left = leftOf(order, clock);
    const ms = Math.min(left, atMost);
    return left > 0 ? { advanceMs: Math.max(0, Math.min(ms, LATEST - now)), orders: { by: order.by, ms: order.ordered - left + ms } } : {};
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
