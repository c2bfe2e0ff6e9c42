import { endCluster } from '../../core/clusters/end.ts';
import { resetTo } from '../../core/clusters/reset.ts';
import { StatusError } from '../../core/kube/status.ts';
import { branchLog } from '../../core/log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../../core/log/branches.ts';
import { type DynamodbLog, dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { removeEnded } from '../../core/log/ended-logs.ts';
import type { Offset } from '../../core/log/event.ts';
import { LogUnavailable, lastOffset } from '../../core/log/log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { write, written } from '../../core/testing/written-log.ts';
import { BranchJournal } from './branch-journal.ts';
import { Chance } from './chance.ts';
import { VirtualTime } from './clock.ts';
import { Faults } from './faults.ts';
import { Process, type World } from './process.ts';
import { remainsOf } from './remains.ts';
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
  const journal = new BranchJournal();
  const table = new Table({ now: () => time.now, onPut: (item) => journal.record(item) });
  const faulty = new FaultyTable(table);
  const told: Told = { forks: [], writes: [] };
  let working = true;
  let lives = 0;

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

  async function check(log: DynamodbLog, process: Process): Promise<void> {
    for (const branch of await log.branches.list()) {
      const there = await log.branches.get(branch.cluster);
      if (!there) continue;
      const replica = await Replica.open({ log: branchLog(log, there), cluster: there.cluster, env: process.env });
      const { offset } = replica.state;
      const want = journal.textAt(there, offset);
      if (written(replica.state) !== want) findings.push(`${there.log}: at ${offset} it is ${written(replica.state)}, and its entries say ${want}`);
      const end = journal.entriesOf(there.log).at(-1);
      if (end && offset !== lastOffset(end)) findings.push(`${there.log}: a new process comes to ${offset}, and its log to ${lastOffset(end)}`);
      for (const fork of told.forks.filter((fork) => fork.branch.log === there.log)) {
        const text = await replica.at(fork.at).then(written, (error: StatusError) => error.code);
        if (text !== fork.text && text !== 410) findings.push(`${there.log}: at its beginning ${fork.at} it is ${text}, and was ${fork.text}`);
      }
    }
    for (const { branch, at, text } of told.forks)
      if (journal.textAt(branch, at) !== text)
        findings.push(`${branch.log}: was forked as ${text}, and the entries of its parent say ${journal.textAt(branch, at)}`);
    for (const { log: name, offset, name: key } of told.writes) {
      const entry = journal.entriesOf(name).find((entry) => entry.offset <= offset && lastOffset(entry) >= offset);
      if (entry?.events[offset - entry.offset]?.key !== `configmaps/default/${key}`) findings.push(`${name}: an acknowledged write at ${offset} is not there`);
    }
    findings.push(...journal.findings);
  }

  /** Of the removal of a log; it is tried again. */
  function failed(_: string, error: unknown): void {
    if (!(error instanceof LogUnavailable)) findings.push(`a removal failed: ${(error as Error).stack}`);
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
    .then(() => remainsOf({ log, table, time }))
    .then((left) => findings.push(...left))
    .catch((error: Error) => findings.push(`the checker failed: ${error.stack}`))
    .finally(() => {
      done = true;
    });
  await time.run({ until: time.now + 24 * HOUR, done: () => done });
  if (!done) findings.push('there is no end to it');
  return { findings, told, faults: faults.injected };
}

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const PROCESSES = 4;
/** Conflicts that a client is told of: what is gone, has ended, or is not known to have been done. */
const EXPECTED = new Set([404, 410, 500, 503, 504]);
const START = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
