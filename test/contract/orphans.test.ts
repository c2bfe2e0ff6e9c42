import { beforeEach, describe, expect, it } from 'vitest';
import type { DynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import type { Append } from '../../core/log/log.ts';
import { all, bytes, digests, event, newCluster, noise, plain, plainLoaded, request, save, type WholeSnapshot } from './entries.ts';
import { type Life, TableInProcess } from './table-in-process.ts';

/** A writer that dies at any of its requests leaves nothing for ever, and nothing that was acknowledged is ever taken for what it left (docs/decisions/0013-orphans.md). */
const table = new TableInProcess();
const HOUR = 3_600_000;
let cluster: string;

beforeEach(() => {
  cluster = newCluster();
});

const logOf = (life: Life = {}) => table.logOf(life);

/** The partitions of the cluster that have records, besides that of its entries, and those of chunks, which are of all clusters. */
function partitions(): string[] {
  const names = new Set<string>();
  for (const { cluster: partition } of table.records()) {
    if (partition!.S!.startsWith(`${cluster}#`)) names.add(partition!.S!.slice(cluster.length));
    if (partition!.S!.startsWith('#chunk#')) names.add(partition!.S!);
  }
  return [...names].sort();
}

const ownPartitions = (): string[] => partitions().filter((name) => !name.startsWith('#chunk#'));

const large = (after: number): Append => ({ ...request(after, 1), events: [event(0, noise(900_000))] });
const writesOf = async (act: (log: DynamodbLog) => Promise<unknown>) => {
  const log = logOf();
  await act(log);
  return log.writes;
};

describe('a large entry', () => {
  it('leaves no note when it is appended, and none when the race was lost', async () => {
    const log = logOf();
    const entry = large(0);
    expect((await log.append(cluster, entry)).type).toBe('appended');
    expect((await log.append(cluster, large(0))).type).toBe('conflict');
    expect((await log.append(cluster, entry)).type).toBe('appended');
    expect(partitions()).toEqual([`#parts#1#${entry.writer}`]);
  });

  it('of a writer that died at any write is wholly there or goes without a trace, once another was appended in its place', async () => {
    const total = await writesOf((log) => log.append(cluster, large(0)));
    expect(total).toBeGreaterThan(5);
    for (let diesAfter = 0; diesAfter < total; diesAfter++) {
      cluster = newCluster();
      const entry = large(0);
      const acknowledged = await logOf({ diesAfterWrites: diesAfter })
        .append(cluster, entry)
        .then(
          () => true,
          () => false,
        );
      // The next reader finds it, or the next writer appends where it would have been.
      const next = await logOf().append(cluster, request(0, 1));
      const before = await all(logOf(), cluster);
      expect(before).toHaveLength(1);
      if (acknowledged) expect(next.type).toBe('conflict');
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      expect(digests(await all(logOf(), cluster))).toStrictEqual(digests(before));
      expect(partitions()).toEqual(next.type === 'conflict' ? [`#parts#1#${entry.writer}`] : []);
    }
  });

  it('keeps its parts however late the writer comes: for years no other writer took its place', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    // All is written but the entry's own record and what comes after it.
    await expect(logOf({ diesAfterWrites: writes - 2 }).append(cluster, entry)).rejects.toThrow();
    const left = partitions();
    expect(left).toEqual([`#parts#1#${entry.writer}`, '#pending']);
    await logOf({ later: 10 * 365 * 24 * HOUR }).sweep(cluster);
    expect(partitions()).toEqual(left);
    expect((await logOf().append(cluster, entry)).type).toBe('appended');
    expect(digests(await all(logOf(), cluster))).toHaveLength(1);
    expect(partitions()).toEqual([`#parts#1#${entry.writer}`]);
  });

  it('that was acknowledged outlives every sweep, even if its note was never removed', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    const acknowledged = await logOf({ diesAfterWrites: writes - 1 }).append(cluster, entry);
    expect(acknowledged.type).toBe('appended');
    expect(partitions()).toEqual([`#parts#1#${entry.writer}`, '#pending']);
    for (const later of [2 * HOUR, 400 * 24 * HOUR]) await logOf({ later }).sweep(cluster);
    expect(partitions()).toEqual([`#parts#1#${entry.writer}`]);
    expect(digests(await all(logOf(), cluster))).toHaveLength(1);
  });

  it('is not swept from under a writer that is at it', async () => {
    const entry = large(0);
    const writes = await writesOf((log) => log.append(newCluster(), entry));
    await expect(logOf({ diesAfterWrites: writes - 3 }).append(cluster, entry)).rejects.toThrow();
    await logOf().append(cluster, request(0, 1));
    const left = partitions();
    await logOf().sweep(cluster);
    expect(partitions()).toEqual(left);
  });
});

describe('a truncation', () => {
  it('of a process that died at any write leaves a log without holes, and nothing of a large entry once another was at it', async () => {
    const prepare = async () => {
      cluster = newCluster();
      await logOf().append(cluster, large(0));
      for (let after = 1; after < 4; after++) await logOf().append(cluster, request(after, 1));
      await save(logOf(), cluster, { offset: 2, time: 1, chunks: [bytes(10)] });
    };
    const truncated = (log: DynamodbLog) => log.truncate(cluster, { snapshot: 2 });
    await prepare();
    const total = await writesOf(truncated);
    expect(total).toBeGreaterThan(5);
    for (let diesAfter = 0; diesAfter <= total; diesAfter++) {
      await prepare();
      await truncated(logOf({ diesAfterWrites: diesAfter })).catch(() => undefined);
      expect((await all(logOf(), cluster, 2)).map(({ offset }) => offset)).toEqual([3, 4]);
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await truncated(logOf());
      expect(partitions()).toEqual(expect.not.arrayContaining([expect.stringContaining('#parts#'), '#pending']));
      expect((await logOf().append(cluster, request(4, 1))).type).toBe('appended');
    }
  });
});

describe('a snapshot', () => {
  let count = 0;
  /** Of a chunk that all have in common, and one of its own. */
  const of = (offset: number): WholeSnapshot => ({ offset, time: 1, chunks: [bytes(300_000), bytes(200_000 + ++count)] });
  const chunks = () =>
    partitions()
      .filter((name) => name.startsWith('#chunk#'))
      .sort();
  const chunksOf = (snapshots: readonly WholeSnapshot[]) =>
    [...new Set(snapshots.flatMap((one) => plain(one).chunks.map(({ name }) => `#chunk#${name}`)))].sort();

  /** What can be read is whole, and nothing else is there. */
  async function expectTidy(all: readonly WholeSnapshot[]): Promise<void> {
    const found: WholeSnapshot[] = [];
    for (const { offset } of await logOf().snapshots(cluster)) {
      const one = all.find((candidate) => candidate.offset === offset)!;
      expect(plainLoaded(await logOf().loadSnapshot(cluster, { atMost: offset }))).toStrictEqual(plain(one));
      found.push(one);
    }
    expect(chunks()).toEqual(chunksOf(found));
    const left = partitions();
    expect(left.filter((name) => name.startsWith('#snapshot#'))).toHaveLength(found.length);
    expect(left.includes('#snapshots')).toBe(found.length > 0);
  }
  /** Nothing is left of a test: chunks are of all clusters. */
  const clean = () => table.clear();
  beforeEach(clean);

  it.each([0, 1, 3])('of a writer that died at any write is whole or goes without a trace (%d before it)', async (before) => {
    const prepare = async () => {
      const saved = Array.from({ length: before }, (_, i) => of(i + 1));
      for (const one of saved) await save(logOf(), cluster, one);
      return saved;
    };
    const earlier = await prepare();
    const total = await writesOf((log) => save(log, cluster, of(20)));
    expect(total).toBeGreaterThan(4);
    expect(earlier).toHaveLength(before);
    for (let diesAfter = 0; diesAfter <= total; diesAfter++) {
      clean();
      cluster = newCluster();
      const saved = [...(await prepare()), of(20)];
      await save(logOf({ diesAfterWrites: diesAfter }), cluster, saved.at(-1)!).catch(() => undefined);
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy(saved);
      // The next one finds its way, whatever it was.
      saved.push(of(30));
      await save(logOf(), cluster, saved.at(-1)!);
      await expectTidy(saved);
    }
  });

  it.each(['lives', 'dies'])('of which a request is done after it was removed leaves nothing, when its writer %s', async (what) => {
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const saved: WholeSnapshot[] = [10, 20, 30].map(of);
      let arrive: () => Promise<unknown> = async () => undefined;
      isOver = true;
      const late: Life['late'] = (request, perform) => {
        if (request !== at) return false;
        [arrive, isOver] = [perform, false];
        return true;
      };
      await save(logOf({ late, hurry: 1_000, ...(what === 'dies' && { diesAfter: at + 1 }) }), cluster, saved[0]!).catch(() => undefined);
      // Where it is half there another process begins anew.
      await save(logOf(), cluster, saved[0]!);
      for (const one of saved.slice(1)) await save(logOf(), cluster, one);
      await arrive().catch((error: Error) => expect(error.name).toBe('ConditionalCheckFailedException'));
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy(saved);
      expect(partitions()).not.toContain('#late');
      expect(at).toBeLessThan(100);
    }
  });

  it('is removed without a trace by the process that comes after one that died while it removed it', async () => {
    const saved = [1, 2, 3].map(of);
    const prepare = async () => {
      clean();
      cluster = newCluster();
      for (const one of saved.slice(0, 2)) await save(logOf(), cluster, one);
    };
    await prepare();
    const total = await writesOf((log) => save(log, cluster, saved[2]!));
    for (let diesAfter = 1; diesAfter < total; diesAfter++) {
      await prepare();
      await save(logOf({ diesAfterWrites: diesAfter }), cluster, saved[2]!).catch(() => undefined);
      for (let i = 0; i < 2; i++) await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy(saved);
    }
  });

  it.each([1, 2, 3, 4])('is removed without a trace when another process dies in the middle of the same, after %d writes', async (diesAfterWrites) => {
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const saved: WholeSnapshot[] = [10, 20, 30].map(of);
      for (const one of saved.slice(0, 2)) await save(logOf(), cluster, one);
      isOver = true;
      const before = async (request: number) => {
        if (request !== at) return;
        isOver = false;
        await logOf({ later: 2 * HOUR, diesAfterWrites })
          .sweep(cluster)
          .catch(() => undefined);
      };
      await save(logOf({ before }), cluster, saved[2]!);
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy(saved);
      expect(at).toBeLessThan(100);
    }
  });

  it('that two processes save at once is there once', async () => {
    const one = of(20);
    await Promise.all([save(logOf(), cluster, one), save(logOf(), cluster, one)]);
    expect((await logOf().snapshots(cluster)).length).toBeLessThanOrEqual(1);
    await save(logOf(), cluster, one);
    await logOf({ later: 2 * HOUR }).sweep(cluster);
    expect(await logOf().snapshots(cluster)).toHaveLength(1);
    await expectTidy([one]);
  });

  it('of another cluster keeps a chunk at whatever request of a removal it is claimed', async () => {
    const shared: WholeSnapshot = { offset: 1, time: 1, chunks: [bytes(300_000)] };
    const later = [2, 3].map(of);
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const other = newCluster();
      const own = later.map((one) => ({ ...one, chunks: one.chunks.slice(1) }));
      await save(logOf(), cluster, shared);
      await save(logOf(), cluster, own[0]!);
      isOver = true;
      // Another cluster saves a snapshot with the same chunk before the `at`th request of the process that removes it.
      await save(
        logOf({
          before: async (request) => {
            if (request !== at) return;
            isOver = false;
            await save(logOf(), other, shared);
          },
        }),
        cluster,
        own[1]!,
      );
      if (isOver) await save(logOf(), other, shared);
      expect(plainLoaded(await logOf().loadSnapshot(other))).toStrictEqual(plain(shared));
      expect(at).toBeLessThan(100);
    }
  });

  it('that rests on the one before keeps its chunks at whatever request of a removal it is saved', async () => {
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const common = bytes(300_000);
      const saved = [10, 20, 30].map((offset): WholeSnapshot => ({ offset, time: 1, chunks: [common, bytes(1_000 + offset)] }));
      for (const one of saved.slice(0, 2)) await save(logOf(), cluster, one);
      isOver = true;
      // Removes what is superseded, 10, while another process saves one on top.
      const late: WholeSnapshot = { offset: 40, time: 1, chunks: [common, bytes(2_000)] };
      await save(
        logOf({
          before: async (request) => {
            if (request !== at) return;
            isOver = false;
            await save(logOf(), cluster, late);
          },
        }),
        cluster,
        saved[2]!,
      ).catch((error: unknown) => expect(String(error)).toContain('was removed while another one was saved'));
      if (isOver) await save(logOf(), cluster, late);
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy([...saved, late]);
      expect(await logOf().snapshots(cluster)).toContainEqual({ offset: 40, time: 1 });
      expect(at).toBeLessThan(100);
    }
  });

  it('has its chunks at whatever request of its writer the one before is removed, or is not there', async () => {
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const common = bytes(300_000);
      const saved: WholeSnapshot[] = [10, 20].map((offset) => ({ offset, time: 1, chunks: [common, bytes(1_000 + offset)] }));
      for (const one of saved) await save(logOf(), cluster, one);
      const meanwhile: WholeSnapshot[] = [50, 60].map((offset) => ({ offset, time: 1, chunks: [bytes(1_000 + offset)] }));
      const late: WholeSnapshot = { offset: 70, time: 1, chunks: [common, bytes(2_000)] };
      isOver = true;
      const before = async (request: number) => {
        if (request !== at) return;
        isOver = false;
        // Which supersede those with the chunk in common.
        for (const one of meanwhile) await save(logOf(), cluster, one);
      };
      const refused = await save(logOf({ before }), cluster, late).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (refused !== undefined) expect(refused).toContain('was removed while another one was saved');
      await logOf({ later: 2 * HOUR }).sweep(cluster);
      await expectTidy([...saved, ...meanwhile, late]);
      expect((await logOf().snapshots(cluster)).some(({ offset }) => offset === 70)).toBe(refused === undefined);
      expect(at).toBeLessThan(100);
    }
  });

  it('has its chunks at whatever request of its writer another cluster removes the last that named them', async () => {
    const shared: WholeSnapshot = { offset: 1, time: 1, chunks: [bytes(300_000)] };
    for (let at = 0, isOver = false; !isOver; at++) {
      clean();
      cluster = newCluster();
      const other = newCluster();
      for (const one of [shared, { offset: 2, time: 1, chunks: [bytes(10)] }]) await save(logOf(), other, one);
      isOver = true;
      const before = async (request: number) => {
        if (request !== at) return;
        isOver = false;
        await save(logOf(), other, { offset: 3, time: 1, chunks: [bytes(20)] });
      };
      await save(logOf({ before }), cluster, shared);
      expect(plainLoaded(await logOf().loadSnapshot(cluster))).toStrictEqual(plain(shared));
      expect(at).toBeLessThan(100);
    }
  });
});

describe('a proposal', () => {
  const proposal = { id: 'w/1', after: { offset: 0, writer: 'w' }, events: [event(0)], reads: { keys: [], lists: [], indexes: {} } };

  it('of a writer that died goes with the next sweep, and not from under one that waits', async () => {
    await logOf({ diesAfterWrites: 1 }).proposals!.put(cluster, proposal);
    await logOf().sweep(cluster);
    expect(ownPartitions()).toEqual(['#proposals']);
    await logOf({ later: 2 * HOUR }).sweep(cluster);
    expect(ownPartitions()).toEqual([]);
  });
});
