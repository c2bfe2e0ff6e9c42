import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { CLOCK_KEY, clockObject, clusterClock, realClock } from '../replica/cluster-clock.ts';
import type { ClockChange } from '../replica/cluster-time.ts';
import type { Replica } from '../replica/replica.ts';
import { CLOCK_RATE_SYNTAX, isClockRate } from './clock-rate-setting.ts';

/** Lets the time of a cluster go at another rate from now on: so many ms of it in each ms of real time; 0: it stands still. Throws a RangeError. */
export async function setRate(replica: Replica, rate: number): Promise<void> {
  if (!isClockRate(rate)) throw new RangeError(`the rate of a cluster's clock is ${CLOCK_RATE_SYNTAX}, not ${rate}`);
  await setClock(replica, { rate });
}

/** Puts the time of a cluster forward, whatever its rate: all that is due by then is due at once. Throws a RangeError: time does not go back. */
export async function advance(replica: Replica, ms: number): Promise<void> {
  if (!(ms >= 0 && replica.now() + ms <= LATEST)) throw new RangeError(`a cluster's clock cannot be put forward by ${ms} ms`);
  await setClock(replica, { advanceMs: ms });
}

/** The last moment that a Kubernetes time can name. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Writes the event itself: what keeps the setting is no object of an API, with defaults, a strategy and admission. */
async function setClock(replica: Replica, change: Partial<ClockChange>): Promise<void> {
  await replica.commit((state, now) => {
    const before = state.view(clusterClock);
    const { rate = before.rate, advanceMs = 0 } = change;
    if (rate === before.rate && advanceMs === 0) return { events: [], answer: () => undefined };
    const set = { key: CLOCK_KEY, object: clockObject(replica.clockSet(now, { rate, advanceMs })), actor: userNamed('system:apiserver') };
    const event: LogEvent = before === realClock ? { type: 'ADDED', ...set } : { type: 'MODIFIED', ...set };
    return { events: [event], answer: () => undefined };
  });
}
