import { describe, expect, it } from 'vitest';
import type { Env } from '../../../core/env.ts';
import { clusterInstant, epochMs, plus, realDelay } from '../../../core/instant.ts';
import type { EventLog, LogEntry } from '../../../core/log/log.ts';
import { nodesReconciler } from '../../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../../core/nodes/runtimes/simulated.ts';
import type { Reconciler } from '../../../core/reconcile/reconciler.ts';
import { CLOCK_KEY, clockObject, realClock } from '../../../core/replica/cluster-clock.ts';
import { SimulatedQueue } from '../queue.ts';
import { others } from '../reconcilers.ts';
import { Relay } from '../relay.ts';
import { type Defect, finds, run, seeds } from './finds.ts';

/** Defects that do harm only where something fails, or where there is more than one cluster. */
describe('a run', () => {
  const defects: Defect[] = [
    { name: 'an instance that takes a cluster for another', clusters: 3, parts: { wrapLog: mixingUp }, found: /(beta|gamma): projections: / },
    {
      name: 'a process that does not recover from a throttled partition',
      rates: { 'partition is throttled': 1 },
      parts: { wrapLog: despairing },
      found: /reads: .* was answered after \d+ was known|desired state: /,
    },
    {
      name: 'a queue that forgets what no instance has done',
      seed: 11,
      minutes: 0.6,
      rates: { 'process dies': 0.5 },
      parts: { Queue: Forgetting },
      found: /desired state: /,
    },
    {
      name: 'a process that does not notice that its log was restored',
      rates: { 'backup restored': 1 },
      parts: { wrapLog: credulous },
      found: /offsets: an entry was put at|projections: .* which the log has not|watches, \w+: .* got /,
    },
    {
      name: 'a log that takes the time from its writer',
      rates: { 'clock is set': 1 },
      parts: { wrapLog: timeless },
      found: /offsets: .* is of an earlier time/,
    },
    {
      name: 'a node that waits for the wall clock',
      seed: 9,
      minutes: 1.5,
      rates: { 'clock is set': 1 },
      parts: { reconcilers: [impatient(), ...others('nodes')] },
      found: /desired state: |not at rest/,
    },
    {
      name: 'a process that ignores at which rate time goes',
      seed: 9,
      clocks: 'fast',
      parts: { wrapLog: rateless },
      found: /clock: .* off the time of a cluster at rate 60/,
    },
    {
      name: 'a timer that takes ms of cluster time for real ones',
      seed: 9,
      clocks: 'fast',
      parts: { delayUntil: (replica, at) => (at === undefined ? undefined : realDelay(Math.max(0, at - replica.now()))) },
      found: /not at rest/,
    },
    {
      name: 'a relay that loses what it gives up',
      minutes: 0.3,
      rates: { 'wake-up lost': 1, 'queue fails': 1, 'relay gives up': 1 },
      parts: { Relay: Losing },
      found: /desired state: /,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

describe('a release that writes what the one before it cannot read', () => {
  it('makes that fail, and neither loses nor spoils anything', async () => {
    const failure =
      /^(api|controllers|nodes|scheduler): .*CorruptEntry: the entry has format 2, and this version of Logplane reads format 1|^\w+: refusals: .* with 50[04]: /;
    let findings: readonly string[] = [];
    for (const seed of seeds) if (findings.length === 0) findings = (await run({ rates: { 'new version': 1 }, careless: true }, seed)).findings;
    expect(findings).not.toEqual([]);
    expect(findings.filter((finding) => !failure.test(finding))).toEqual([]);
  });
});

/** Reads one cluster's beginning for another's. */
function mixingUp(log: EventLog, { random }: Env): EventLog {
  return { ...log, read: (cluster, options) => log.read(options.after === 0 && random.next() < 0.3 ? 'alpha' : cluster, options) };
}

/** Takes what it is asked about for what it has read. */
function credulous(log: EventLog): EventLog {
  const read = new Map<string, LogEntry[]>();
  const known = (cluster: string, entry: LogEntry) => read.set(cluster, [...(read.get(cluster) ?? []), entry]);
  return {
    ...log,
    async append(cluster, wanted) {
      const result = await log.append(cluster, wanted);
      if (result.type === 'appended') known(cluster, result.entry);
      return result;
    },
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) {
        known(cluster, entry);
        yield entry;
      }
    },
    lastEntry: async (cluster, { atMost }) => read.get(cluster)?.findLast((entry) => entry.offset <= atMost),
  };
}

/** Writes down what the writer's wall clock says. */
function timeless(log: EventLog, { clock }: Env): EventLog {
  return { ...log, append: (cluster, wanted) => log.append(cluster, { ...wanted, time: clusterInstant(epochMs(clock.now())) }) };
}

/** Reads a clock that goes as real time does. */
function rateless(log: EventLog): EventLog {
  const misread = (entry: LogEntry): LogEntry => ({
    ...entry,
    events: entry.events.map((event) => (event.key !== CLOCK_KEY || !('object' in event) ? event : { ...event, object: clockObject(realClock) })),
  });
  return {
    ...log,
    async append(cluster, wanted) {
      const result = await log.append(cluster, wanted);
      return result.type === 'appended' ? { ...result, entry: misread(result.entry) } : result;
    },
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) yield misread(entry);
    },
    async *tail(cluster, options) {
      for await (const entry of log.tail(cluster, options)) yield misread(entry);
    },
  };
}

/** Once the log was unavailable to a process, it takes what it knows for all there is. */
function despairing(log: EventLog): EventLog {
  let given = false;
  return {
    ...log,
    async *read(cluster, options) {
      if (given) return;
      try {
        yield* log.read(cluster, options);
      } catch (error) {
        given = true;
        throw error;
      }
    },
  };
}

/** Waits by its wall clock, where the cluster may have come further. */
function impatient(): Reconciler {
  const nodes = nodesReconciler({ runtime: simulatedRuntime });
  return {
    name: 'nodes',
    reconcile(pass) {
      const now = clusterInstant(epochMs(pass.env.clock.now()));
      const { wakeups, ...result } = nodes.reconcile({ ...pass, now });
      return { ...result, wakeups: new Map([...wakeups].map(([key, at]) => [key, at && plus(at, pass.now - now)])) };
    },
  };
}

/** Does not wait to be told that a message is done with. */
class Forgetting extends SimulatedQueue {
  override receive() {
    const batch = super.receive();
    for (const { receipt } of batch) this.delete(receipt);
    return batch;
  }
}

/** The operator does not look at where it puts what it could not deliver. */
class Losing extends Relay {
  override redrive(): void {}
}
