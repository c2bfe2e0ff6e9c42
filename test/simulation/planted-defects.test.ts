import { describe, expect, it } from 'vitest';
import type { Fetch } from '../../core/api/server.ts';
import type { Env } from '../../core/env.ts';
import { type Append, type EventLog, type LogEntry, type LogEvent, lastOffset } from '../../core/log/log.ts';
import { nodesReconciler } from '../../core/nodes/nodes.ts';
import { simulatedRuntime } from '../../core/nodes/runtimes/simulated.ts';
import type { KubeObject } from '../../core/object.ts';
import type { Reconciler } from '../../core/reconcile/reconciler.ts';
import { plugins } from '../../core/scheduler/plugins/registry.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';
import { Chance } from './chance.ts';
import { SimulatedQueue } from './queue.ts';
import { Relay } from './relay.ts';
import { productionReconcilers, type SimulationOptions, simulate } from './simulation.ts';
import { Table } from './table.ts';

/** A checker that cannot fail says nothing: each of these defects must be found, by the checker whose business it is. */
describe('a run without faults', () => {
  it('has no findings, as long as there is no defect', async () => {
    expect((await run({})).findings).toEqual([]);
  });

  const defects: { name: string; parts: SimulationOptions['parts']; found: RegExp }[] = [
    {
      name: 'a log that writes something else than it acknowledges',
      parts: { wrapLog: forgetful },
      found: /writes: .* was acknowledged at \d+, but is not in the log/,
    },
    { name: 'a table that overwrites', parts: { Table: Overwriting }, found: /offsets: an entry was put at \d+, when the log ended at \d+/ },
    { name: 'a log that writes twice', parts: { wrapLog: repeating }, found: /writes: .* is in the log 2 times/ },
    { name: 'a log that leaves a gap', parts: { wrapLog: gapping }, found: /offsets: an entry was put at \d+, when the log ended at \d+/ },
    { name: 'a log that turns time back', parts: { wrapLog: backdating }, found: /offsets: .* is of an earlier time/ },
    { name: 'a projection that misses a change', parts: { wrapLog: blurred }, found: /projections: .* has another/ },
    { name: 'a log whose reads lag behind', parts: { wrapLog: lagging }, found: /reads: a list .* was answered after \d+ was known/ },
    { name: 'a list that leaves an object out', parts: { wrapFetch: skippingItems }, found: /reads: a list of .* has \d+ objects, the log \d+/ },
    {
      name: 'a watch that loses an event',
      parts: { wrapFetch: framesWith((frames) => frames.slice(1)) },
      found: /watches: .* after \d+ events from \d+ on, got /,
    },
    { name: 'a watch that tells an event twice', parts: { wrapFetch: framesWith((frames) => frames.slice(0, 1).concat(frames)) }, found: /watches: .* got / },
    {
      name: 'a watch that is silent',
      parts: { wrapFetch: framesWith(() => []) },
      found: /watches: .* got a bookmark of \d+ before the event at \d+/,
    },
    {
      name: 'a scheduler that does not look at what is left',
      parts: { reconcilers: [overbooking(), ...others('scheduler')] },
      found: /placement: node-\d has/,
    },
    { name: 'a pod that moves', parts: { wrapLog: moving }, found: /placement: .* was bound to node-1, and is bound to node-2/ },
    { name: 'nodes that do nothing', parts: { reconcilers: others('nodes') }, found: /desired state: pods\/.*: is Pending/ },
    { name: 'controllers that do nothing', parts: { reconcilers: others('controllers') }, found: /desired state: deployments.apps\/.*: generation/ },
    { name: 'a scheduler that does nothing', parts: { reconcilers: others('scheduler') }, found: /desired state: .* is pending, and would fit/ },
  ];
  for (const { name, parts, found } of defects) it(`finds ${name}`, () => finds(found, { parts: { ...parts } }));
});

/** Defects that do harm only where something fails, or where there is more than one cluster. */
describe('a run', () => {
  const defects: { name: string; given: SimulationOptions; found: RegExp }[] = [
    { name: 'an instance that takes a cluster for another', given: { clusters: 3, parts: { wrapLog: mixingUp } }, found: /(beta|gamma): projections: / },
    {
      name: 'a process that does not recover from a throttled partition',
      given: { rates: { 'partition is throttled': 1 }, parts: { wrapLog: despairing } },
      found: /reads: .* was answered after \d+ was known|desired state: /,
    },
    {
      name: 'a queue that forgets what no instance has done',
      given: { minutes: 0.3, rates: { 'process dies': 0.5 }, parts: { Queue: Forgetting } },
      found: /desired state: /,
    },
    {
      name: 'a process that does not notice that its log was restored',
      given: { rates: { 'backup restored': 1 }, parts: { wrapLog: credulous } },
      found: /offsets: an entry was put at|projections: .* which the log has not|watches: .* got /,
    },
    {
      name: 'a log that takes the time from whoever writes',
      given: { rates: { 'clock is set': 1 }, parts: { wrapLog: timeless } },
      found: /offsets: .* is of an earlier time/,
    },
    {
      name: 'a node that waits for the wall clock',
      given: { rates: { 'clock is set': 1 }, parts: { reconcilers: [impatient(), ...others('nodes')] } },
      found: /desired state: |not at rest/,
    },
    {
      name: 'a relay that loses what it gives up',
      given: { minutes: 0.3, rates: { 'wake-up lost': 1, 'queue fails': 1, 'relay gives up': 1 }, parts: { Relay: Losing } },
      found: /desired state: /,
    },
  ];
  for (const { name, given, found } of defects) it(`finds ${name}`, () => finds(found, given));
});

describe('a release that writes what the one before it cannot read', () => {
  it('makes that fail, and neither loses nor spoils anything', async () => {
    const refusal = /^(api|controllers|nodes|scheduler): .*CorruptEntry: the entry has format 2, and this version of Logplane reads format 1/;
    let findings: readonly string[] = [];
    for (const seed of seeds) if (findings.length === 0) findings = (await run({ rates: { 'new version': 1 }, careless: true }, seed)).findings;
    expect(findings).not.toEqual([]);
    expect(findings.filter((finding) => !refusal.test(finding))).toEqual([]);
  }, 240_000);
});

/** Not every run comes into the situation in which a defect does harm: one of a few has to. */
async function finds(found: RegExp, options: SimulationOptions): Promise<void> {
  const findings: string[] = [];
  for (const seed of seeds) {
    findings.push(...(await run(options, seed)).findings);
    if (findings.some((finding) => found.test(finding))) return;
  }
  expect.fail(findings.join('\n') || 'nothing was found');
}

const seeds = [7, 8, 9, 10, 11, 12, 13, 14];

const run = (options: SimulationOptions, seed = 7) => simulate(seed, { minutes: 1.5, rates: {}, podsPerNode: 8, ...options });

const chance = () => new Chance('defects');

/** What becomes of some appends, once the cluster has begun. */
const appending =
  (share: number, append: (log: EventLog, cluster: string, wanted: Append) => ReturnType<EventLog['append']>) =>
  (log: EventLog): EventLog => {
    const strikes = chance();
    return { ...log, append: (cluster, wanted) => (wanted.after > 0 && strikes.happens(share) ? append(log, cluster, wanted) : log.append(cluster, wanted)) };
  };

const byClient = ({ events }: Append) => events.every(({ actor }) => actor === 'kubernetes-admin');

/** Writes objects as if nobody had marked them. */
function forgetful(log: EventLog): EventLog {
  const unmarked = <T>(object: T): T => ({ ...object, metadata: { ...(object as KubeObject).metadata, annotations: {} } });
  const changed = (event: LogEvent): LogEvent =>
    event.type === 'DELETED' ? event : 'patch' in event ? { ...event, patch: unmarked(event.patch) } : { ...event, object: unmarked(event.object) };
  return appending(0.1, async (inner, cluster, wanted) => {
    if (!byClient(wanted)) return inner.append(cluster, wanted);
    const result = await inner.append(cluster, { ...wanted, events: wanted.events.map(changed) });
    return result.type === 'appended' ? { ...result, entry: { ...result.entry, events: wanted.events } } : result;
  })(log);
}

function repeating(log: EventLog): EventLog {
  return appending(0.5, async (inner, cluster, wanted) => {
    const result = await inner.append(cluster, wanted);
    const again = wanted.events.filter(({ type }) => type === 'MODIFIED');
    if (result.type === 'appended' && byClient(wanted) && again.length > 0) {
      await inner.append(cluster, { ...wanted, events: again, after: lastOffset(result.entry), writer: `${wanted.writer} again` });
    }
    return result;
  })(log);
}

/** Puts what is to be put, whatever is there. */
class Overwriting extends Table {
  override put({ ConditionExpression: _, ...input }: Parameters<Table['put']>[0]) {
    return super.put(input);
  }
}

function gapping(log: EventLog): EventLog {
  return appending(0.02, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, after: wanted.after + 1 }))(log);
}

function backdating(log: EventLog): EventLog {
  return appending(0.1, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, time: wanted.time - 600_000 }))(log);
}

/** Binds a pod to node-1, and at once to node-2: the first that it sees. */
function moving(log: EventLog): EventLog {
  let moves = 1;
  return appending(1, (inner, cluster, wanted) => {
    const bound = moves > 0 && wanted.events.find((event) => 'patch' in event && (event.patch as Partial<KubeObject>)['spec']?.nodeName === 'node-1');
    if (bound) moves--;
    const moved: LogEvent[] = bound ? [{ type: 'MODIFIED', key: bound.key, patch: { spec: { nodeName: 'node-2' } }, actor: 'nobody' }] : [];
    return inner.append(cluster, { ...wanted, events: [...wanted.events, ...moved] });
  })(log);
}

/** Reads some changes as if they changed nothing. */
function blurred(log: EventLog): EventLog {
  const strikes = chance();
  const blur = (entry: LogEntry): LogEntry => ({
    ...entry,
    events: entry.events.map((event) => ('patch' in event && strikes.happens(0.02) ? { ...event, patch: {} } : event)),
  });
  return {
    ...log,
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) yield blur(entry);
    },
  };
}

/** Does not see the newest, as eventually consistent reads do not. */
function lagging(log: EventLog): EventLog {
  const strikes = chance();
  return {
    ...log,
    async *read(cluster, options) {
      const entries: LogEntry[] = [];
      for await (const entry of log.read(cluster, options)) entries.push(entry);
      if (entries.length > 0 && entries[0]!.offset > 1 && strikes.happens(0.8)) entries.pop();
      yield* entries;
    },
  };
}

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
  return { ...log, append: (cluster, wanted) => log.append(cluster, { ...wanted, time: clock.now() }) };
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

/** Does not wait to be told that a message is done with. */
class Forgetting extends SimulatedQueue {
  override receive() {
    const batch = super.receive();
    for (const { receipt } of batch) this.delete(receipt);
    return batch;
  }
}

/** Nobody looks at where it puts what it could not deliver. */
class Losing extends Relay {
  override redrive(): void {}
}

function skippingItems(fetch: Fetch): Fetch {
  const strikes = chance();
  return async (request, sent) => {
    const response = await fetch(request, sent);
    if (request.method !== 'GET' || sent.target.includes('watch=true') || !strikes.happens(0.5)) return response;
    const body = (await response.json()) as { items?: unknown[] };
    return new Response(JSON.stringify({ ...body, ...(body.items && { items: body.items.slice(1) }) }), response);
  };
}

/** Changes what a watch sends, piece by piece: some of the pieces, those whose first frame is no bookmark. */
function framesWith(change: (frames: string[]) => string[]) {
  return (fetch: Fetch): Fetch => {
    const strikes = chance();
    return async (request, sent) => {
      const response = await fetch(request, sent);
      if (!sent.target.includes('watch=true') || !response.body) return response;
      const changed = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          const frames = new TextDecoder().decode(piece).split('\n').slice(0, -1);
          const { type } = JSON.parse(frames[0]!) as { type: string };
          const out = type !== 'BOOKMARK' && strikes.happens(0.5) ? change(frames) : frames;
          if (out.length > 0) controller.enqueue(new TextEncoder().encode(`${out.join('\n')}\n`));
        },
      });
      return new Response(response.body.pipeThrough(changed), response);
    };
  };
}

function others(name: string) {
  return productionReconcilers().filter((reconciler) => reconciler.name !== name);
}

/** Waits by its wall clock, where the cluster may have come further. */
function impatient(): Reconciler {
  const nodes = nodesReconciler({ runtime: simulatedRuntime });
  return {
    name: 'nodes',
    reconcile(pass) {
      const now = pass.env.clock.now();
      const { wakeups, ...result } = nodes.reconcile({ ...pass, now });
      return { ...result, wakeups: new Map([...wakeups].map(([key, at]) => [key, at && at + pass.now - now])) };
    },
  };
}

/** Looks at what is left on a node only now and then. */
function overbooking(): Reconciler {
  const careful = schedulerReconciler();
  const careless = schedulerReconciler({ plugins: plugins.filter(({ name }) => name !== 'NodeResourcesFit') });
  const strikes = chance();
  return { name: 'scheduler', reconcile: (pass) => (strikes.happens(0.1) ? careless : careful).reconcile(pass) };
}
