import { endCluster } from '../../core/clusters/end.ts';
import { resetTo } from '../../core/clusters/reset.ts';
import { StatusError } from '../../core/kube/status.ts';
import { branchLog } from '../../core/log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../../core/log/branches.ts';
import { decodeEntry } from '../../core/log/codec.ts';
import { type DynamodbLog, dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { type Item, isEntryPartition } from '../../core/log/dynamodb/keys.ts';
import { removeEnded } from '../../core/log/ended-logs.ts';
import type { Offset } from '../../core/log/event.ts';
import { type LogEntry, LogUnavailable, lastOffset } from '../../core/log/log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { write, written } from '../../core/testing/written-log.ts';
import { Chance } from './chance.ts';
import { VirtualTime } from './clock.ts';
import { Faults } from './faults.ts';
import { Process, type World } from './process.ts';
import { Table } from './table.ts';
import { FaultyTable, tableClient } from './table-client.ts';

/** What was told to a client, and has to be true for ever. */
interface Told {
  readonly forks: { readonly branch: Branch; readonly at: Offset; readonly text: string }[];
  readonly writes: { readonly log: string; readonly offset: Offset; readonly name: string }[];
}

/**
 * Some processes that write, fork, reset, end and remove clusters, take snapshots of them and truncate their logs, on a table with the faults that the seed says. Then the faults stop, and
 * each cluster is what its entries say: those that were ever put, folded by the few lines of `modelAt`.
 */
export async function simulateBranches(seed: number, { minutes = 12 }: { minutes?: number } = {}): Promise<{ findings: string[]; told: Told; faults: number }> {
  const time = new VirtualTime({ start: START, chance: new Chance(`order ${seed}`) });
  const chance = new Chance(`branches ${seed}`);
  const faults = new Faults({ chance: new Chance(`faults ${seed}`) });
  const world: World = { seed, time, chance, faults };
  const findings: string[] = [];
  const journal = new Map<string, LogEntry[]>();
  const table = new Table({ now: () => time.now, onPut: (item) => record(item) });
  const faulty = new FaultyTable(table);
  /** Forks as they were begun, by their logs: the base of one may have been cut since. */
  const begunAs = new Map<string, Branch>();
  const told: Told = { forks: [], writes: [] };
  let working = true;
  let lives = 0;

  function record(item: Item): void {
    const log = item['cluster']!.S!;
    const base = JSON.parse(item['base']?.S ?? '[]') as Branch['base'];
    if (base.length > 0) begunAs.set(item['log']!.S!, { cluster: item['name']!.S!, log: item['log']!.S!, base });
    if (!isEntryPartition(log)) return;
    const entry = decodeEntry(item['payload']!.B!);
    const entries = journal.get(log) ?? [];
    const last = entries.at(-1);
    if (last && entry.offset !== lastOffset(last) + 1) findings.push(`${log}: an entry was put at ${entry.offset}, behind ${lastOffset(last)}`);
    journal.set(log, [...entries, entry]);
  }

  const logOf = (process: Process): DynamodbLog =>
    dynamodbLog({ client: tableClient({ process, world, table: faulty }), table: 'log', env: process.env, timeoutMs: 2_000 });

  async function live(): Promise<void> {
    const process = new Process(world, `p${lives++}`, { skew: chance.between(-200, 200) });
    process.whenDead(() => working && void live());
    const log = logOf(process);
    const replicas = new Map<string, Replica>();
    const open = async (branch: Branch): Promise<Replica> => {
      const replica =
        replicas.get(branch.log) ??
        (await Replica.open({
          log: branchLog(log, branch),
          cluster: branch.cluster,
          env: process.env,
          snapshotEvents: 10,
          retentionMs: 60_000,
          history: { limit: 20 },
        }));
      replicas.set(branch.log, replica);
      return replica;
    };
    while (working) {
      await process.env.clock.sleep(chance.exponential(1_500));
      try {
        await act(log, process, open);
      } catch (error) {
        if (error instanceof LogUnavailable || (error instanceof StatusError && EXPECTED.has(error.code))) continue;
        findings.push(`an unexpected failure: ${(error as Error).stack}`);
      }
    }
  }

  async function act(log: DynamodbLog, { env }: Process, open: (branch: Branch) => Promise<Replica>): Promise<void> {
    const cluster = chance.pick(NAMES);
    const branch = await log.branches.get(cluster);
    if (!branch) return begin(log, { cluster, log: newLogName(cluster, env.ids.uid()), base: [] }, open);
    const replica = await open(branch);
    if (replica.isOver) return log.branches.end(cluster, branch.log);
    const what = chance.weighted({ write: 70, reset: 6, keep: 12, end: 3, remove: 6 });
    if (what === 'remove') await removeEnded(log, await log.branches.ended(), failed);
    else if (what === 'keep') {
      await replica.snapshotIfDue();
      await replica.truncateIfDue();
    } else if (what === 'end') {
      await endCluster(replica);
      await log.branches.end(cluster, branch.log);
    } else if (what === 'reset' && replica.state.offset > 1) await resetTo(replica, chance.whole(1, replica.state.offset));
    else {
      const name = chance.pick(['a', 'b', 'c', 'd']);
      told.writes.push({ log: branch.log, offset: await write(replica, name), name });
    }
  }

  async function begin(log: DynamodbLog, named: Branch, open: (branch: Branch) => Promise<Replica>): Promise<void> {
    const other = chance.pick(NAMES);
    const parent = other === named.cluster || chance.happens(0.2) ? undefined : await log.branches.get(other);
    if (!parent) return void (await log.branches.begin(named));
    const replica = await open(parent);
    await replica.catchUp();
    if (replica.isOver || replica.state.offset === 0) return;
    const at = chance.happens(0.5) ? replica.state.offset : chance.whole(1, replica.state.offset);
    const text = written(await replica.at(at));
    const branch = { ...named, base: baseAt(parent, at) };
    if ((await log.branches.begin(branch)) === 'begun') told.forks.push({ branch, at, text });
  }

  /** With the base of the log that it begins with, which may have been cut before. */
  const wholeBase = ({ base }: Branch): Branch['base'] => {
    const first = base[0] && begunAs.get(base[0].log);
    return first ? [...wholeBase(first), ...base] : base;
  };

  function* eventsOf(branch: Branch, upTo: Offset) {
    let from = 0;
    for (const segment of [...wholeBase(branch), { log: branch.log, upTo }]) {
      const to = Math.min(segment.upTo, upTo);
      for (const entry of journal.get(segment.log) ?? [])
        for (const [i, event] of entry.events.entries()) if (entry.offset + i > from && entry.offset + i <= to) yield { offset: entry.offset + i, event };
      from = Math.max(from, to);
    }
  }

  /** The ConfigMaps at an offset, as `written` says them: from entries alone, without a snapshot. */
  function modelAt(branch: Branch, upTo: Offset): Map<string, { n: string; offset: Offset }> {
    let objects = new Map<string, { n: string; offset: Offset }>();
    for (const { offset, event } of eventsOf(branch, upTo)) {
      const name = event.key.split('/')[2]!;
      if (event.key === 'clusterresets//cluster' && 'object' in event) objects = modelAt(branch, (event.object as unknown as Reset).spec.resets.at(-1)!.to);
      if (!event.key.startsWith('configmaps/')) continue;
      const { data } = ('object' in event ? event.object : 'patch' in event ? event.patch : {}) as { data: { n: string } };
      objects.set(name, { n: data.n, offset });
    }
    return objects;
  }
  const textAt = (branch: Branch, offset: Offset): string =>
    [...modelAt(branch, offset)]
      .sort(([a], [b]) => Number(a > b) - Number(a < b))
      .map(([name, { n, offset }]) => `${name}=${n}@${offset}`)
      .join(' ');
  async function check(log: DynamodbLog, process: Process): Promise<void> {
    for (const branch of await log.branches.list()) {
      const there = await log.branches.get(branch.cluster);
      if (!there) continue;
      const replica = await Replica.open({ log: branchLog(log, there), cluster: there.cluster, env: process.env });
      const whole = begunAs.get(there.log) ?? there;
      const { offset } = replica.state;
      const want = textAt(whole, offset);
      if (written(replica.state) !== want) findings.push(`${there.log}: at ${offset} it is ${written(replica.state)}, and its entries say ${want}`);
      const end = (journal.get(there.log) ?? []).at(-1);
      if (end && offset !== lastOffset(end)) findings.push(`${there.log}: a new process comes to ${offset}, and its log to ${lastOffset(end)}`);
      for (const fork of told.forks.filter((fork) => fork.branch.log === there.log)) {
        const text = await replica.at(fork.at).then(written, (error: StatusError) => error.code);
        if (text !== fork.text && text !== 410) findings.push(`${there.log}: at its beginning ${fork.at} it is ${text}, and was ${fork.text}`);
      }
    }
    for (const { branch, at, text } of told.forks)
      if (textAt(branch, at) !== text) findings.push(`${branch.log}: was forked as ${text}, and the entries of its parent say ${textAt(branch, at)}`);
    for (const { log: name, offset, name: key } of told.writes) {
      const entry = journal.get(name)?.find((entry) => entry.offset <= offset && lastOffset(entry) >= offset);
      if (entry?.events[offset - entry.offset]?.key !== `configmaps/default/${key}`) findings.push(`${name}: an acknowledged write at ${offset} is not there`);
    }
    for (const [name, entries] of journal) {
      const ended = entries.findIndex(({ events }) => events.some(({ key }) => key.startsWith('clusterends/')));
      if (ended !== -1 && ended !== entries.length - 1) findings.push(`${name}: entries follow its end`);
    }
  }

  /** Of the removal of a log; it is tried again. */
  function failed(_: string, error: unknown): void {
    if (!(error instanceof LogUnavailable)) findings.push(`a removal failed: ${(error as Error).stack}`);
  }

  async function clear(log: DynamodbLog): Promise<void> {
    for (const { cluster, log: name } of await log.branches.list()) await log.branches.end(cluster, name);
    await log.branches.ended();
    for (const name of await log.branches.ended()) await log.remove(name);
    await new Promise<void>((resolve) => time.after(2 * HOUR, resolve));
    for (let i = 0; i < 2_000 && (await log.branches.ended()).length > 0; i++) await removeEnded(log, await log.branches.ended(), failed);
    const left = [...table.backup()].filter(([, rows]) => rows.length > 0).map(([partition]) => partition);
    if (left.length > 0) findings.push(`when all has ended there is left: ${left.join(', ')}`);
  }

  for (let i = 0; i < PROCESSES; i++) void live();
  await time.run({ until: START + minutes * MINUTE });
  working = false;
  faults.active = false;
  await time.run({ until: time.now + 2 * MINUTE });
  const process = new Process(world, 'checker', { mortal: false });
  const log = logOf(process);
  let done = false;
  void check(log, process)
    .then(() => clear(log))
    .catch((error: Error) => findings.push(`the checker failed: ${error.stack}`))
    .finally(() => {
      done = true;
    });
  await time.run({ until: time.now + 24 * HOUR, done: () => done });
  if (!done) findings.push('there is no end to it');
  return { findings, told, faults: faults.injected };
}

type Reset = { readonly spec: { readonly resets: readonly { readonly to: Offset }[] } };

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const PROCESSES = 4;
/** Conflicts that a client is told of: what is gone, has ended, or is not known to have been done. */
const EXPECTED = new Set([404, 410, 500, 503, 504]);
const START = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
