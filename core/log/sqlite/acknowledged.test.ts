import { copyFileSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkOf, plain, plainLoaded, save, type WholeSnapshot } from '../../../test/contract/entries.ts';
import { clusterInstant } from '../../instant.ts';
import { userNamed } from '../../kube/user.ts';
import { encodeEntry } from '../codec.ts';
import type { Offset } from '../event.ts';
import { type Append, ChunksMissing, LogUnwritable } from '../log.ts';
import { LogDamaged } from './refusals.ts';
import { type SqliteLog, sqliteLog } from './sqlite-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'logplane-'));
  file = path.join(folder, 'log.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const append = (after: number, writer = `w-${after}`): Append => ({
  after,
  events: [{ type: 'DELETED', key: 'configmaps/default/a', actor: userNamed(writer.repeat(40)) }],
  writer,
  time: clusterInstant(1),
});

async function write(log: SqliteLog, { after = 0, count = 40, cluster = 'main' }: { after?: number; count?: number; cluster?: string } = {}): Promise<void> {
  for (let i = 0; i < count; i++) expect(await log.append(cluster, append(after + i))).toMatchObject({ type: 'appended' });
}

/** A log of 40 entries, closed. */
async function written(): Promise<void> {
  const log = sqliteLog({ file });
  await write(log);
  await log.close();
}

/** What a process that is killed leaves: the WAL is not in the database yet. */
async function killed(): Promise<void> {
  const log = sqliteLog({ file });
  await write(log);
  cpSync(folder, `${folder}-killed`, { recursive: true });
  await log.close();
  rmSync(folder, { recursive: true });
  renameSync(`${folder}-killed`, folder);
}

function sql(text: string): void {
  const database = new DatabaseSync(file);
  database.exec(text);
  database.close();
}

async function offsets(log: SqliteLog, { cluster = 'main', after = 0 }: { cluster?: string; after?: Offset } = {}): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of log.read(cluster, { after })) found.push(entry.offset);
  return found;
}

const snapshot = (offset: Offset): WholeSnapshot => ({ offset, time: 1, chunks: [new Uint8Array([offset])] });

async function beginAnew(log: SqliteLog, { chunks, ...head }: WholeSnapshot): Promise<void> {
  await log.beginAnew(
    'main',
    { ...head, time: clusterInstant(head.time), chunks: chunks.map(chunkOf) },
    new Map(chunks.map((chunk) => [chunkOf(chunk).name, chunk])),
  );
}

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i + 1);

describe('a log that holds all that was acknowledged opens', () => {
  it.each<{ name: string; given: () => Promise<unknown> }>([
    { name: 'when it was closed', given: written },
    { name: 'when its process was killed', given: killed },
    {
      name: 'when its process was killed before it noted the end',
      given: async () => {
        await written();
        copyFileSync(`${file}-end`, path.join(folder, 'earlier'));
        const log = sqliteLog({ file });
        await write(log, { after: 40, count: 1 });
        await log.close();
        sql('DELETE FROM entries WHERE offset = 41');
        renameSync(path.join(folder, 'earlier'), `${file}-end`);
      },
    },
    {
      name: 'when one record of the mark was torn',
      given: async () => {
        await written();
        const mark = readFileSync(`${file}-end`);
        // The older of the two: the newer one's turn had come.
        const older = [512, 1024].sort((a, b) => offsetIn(mark, a) - offsetIn(mark, b))[0]!;
        mark.fill(0, older, older + 200);
        writeFileSync(`${file}-end`, mark);
      },
    },
  ])('$name', async ({ given }) => {
    await given();
    const log = sqliteLog({ file });
    expect(await offsets(log)).toEqual(upTo(40));
    await write(log, { after: 40, count: 2 });
    await log.close();
  });

  it('with the marks of several clusters', async () => {
    const log = sqliteLog({ file });
    for (const cluster of ['a', 'b', 'c']) await write(log, { cluster, count: 3 });
    await write(log, { cluster: 'b', after: 3, count: 2 });
    await log.close();
    sql("DELETE FROM entries WHERE cluster = 'b' AND offset = 5");
    expect(() => sqliteLog({ file })).toThrow('cluster b came to resourceVersion 5, and it ends at 4');
  });
});

const offsetIn = (mark: Buffer, at: number): number => JSON.parse(mark.toString('utf8', at, at + 512).replace(/ \d+\s*$/, '')).offset;

describe('a log that holds less is refused, and left as it is', () => {
  it.each<{ name: string; given: () => Promise<unknown>; want: RegExp }>([
    {
      name: 'the WAL was removed',
      given: async () => {
        await killed();
        rmSync(`${file}-wal`);
      },
      want: /LogLost: .*log\.sqlite is missing or empty: cluster main came to resourceVersion 40/,
    },
    {
      name: 'the WAL was cut off',
      given: async () => {
        await killed();
        truncateSync(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size * 0.8));
      },
      want: /LogLost: .*does not hold what was acknowledged: cluster main came to resourceVersion 40, and it ends at 3\d/,
    },
    {
      name: 'the database was removed',
      given: async () => {
        await written();
        rmSync(file);
      },
      want: /LogLost: .*log\.sqlite is missing or empty: cluster main came to resourceVersion 40/,
    },
    {
      name: 'the database was emptied',
      given: async () => {
        await killed();
        truncateSync(file, 0);
      },
      want: /LogLost: .*log\.sqlite is missing or empty/,
    },
    {
      name: 'the database was cut off',
      given: async () => {
        await written();
        truncateSync(file, statSync(file).size - 4096);
      },
      want: /LogDamaged: .*log\.sqlite is damaged: /,
    },
    {
      name: 'the database is an older copy',
      given: async () => {
        await written();
        copyFileSync(file, path.join(folder, 'copy'));
        const log = sqliteLog({ file });
        await write(log, { after: 40, count: 7 });
        await log.close();
        renameSync(path.join(folder, 'copy'), file);
      },
      want: /LogLost: .*cluster main came to resourceVersion 47, and it ends at 40/,
    },
    {
      name: 'the database is that of another cluster',
      given: async () => {
        await written();
        const other = sqliteLog({ file: path.join(folder, 'other') });
        for (let after = 0; after < 60; after++) await other.append('main', append(after, `other-${after}`));
        await other.close();
        renameSync(path.join(folder, 'other'), file);
      },
      want: /LogLost: .*cluster main came to resourceVersion 40, and what it has there is of another history/,
    },
    {
      name: 'an entry in the middle is not what was written',
      given: async () => {
        await written();
        sql("UPDATE entries SET bytes = x'01ff' WHERE offset = 20");
      },
      want: /LogDamaged: .*the entry at 20 of cluster main is not what was written/,
    },
    {
      name: 'two entries were exchanged',
      given: async () => {
        await written();
        sql(
          'CREATE TEMP TABLE two AS SELECT offset, bytes FROM entries WHERE offset IN (20, 21); UPDATE entries SET bytes = (SELECT bytes FROM two WHERE two.offset = 41 - entries.offset) WHERE offset IN (20, 21)',
        );
      },
      want: /LogDamaged: .*the entry at 20 of cluster main is not what was written/,
    },
    {
      name: 'an entry in the middle is missing',
      given: async () => {
        await written();
        sql('DELETE FROM entries WHERE offset = 20');
      },
      want: /LogDamaged: .*after 19 of cluster main comes 21/,
    },
    {
      name: 'there is garbage in the middle of the file',
      given: async () => {
        await written();
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0xa5, 12_000, 14_000));
      },
      want: /LogDamaged: .*log\.sqlite is damaged: /,
    },
    {
      name: 'the mark is missing',
      given: async () => {
        await written();
        rmSync(`${file}-end`);
      },
      want: /LogLost: .*log\.sqlite-end is missing, which says what was acknowledged/,
    },
    {
      name: 'the mark is empty',
      given: async () => {
        await written();
        truncateSync(`${file}-end`, 0);
      },
      want: /LogDamaged: .*log\.sqlite-end is damaged, which says what was acknowledged/,
    },
    {
      name: 'the mark is cut off behind its header',
      given: async () => {
        await written();
        truncateSync(`${file}-end`, 512);
      },
      want: /LogLost: .*log\.sqlite-end does not know cluster main: whether all of it is in log\.sqlite cannot be told/,
    },
    {
      name: 'the mark is garbage behind its header',
      given: async () => {
        await written();
        writeFileSync(`${file}-end`, readFileSync(`${file}-end`).fill(0xa5, 512));
      },
      want: /LogDamaged: .*log\.sqlite-end is damaged, which says what was acknowledged/,
    },
  ])('$name', async ({ given, want }) => {
    await given();
    const refuse = () => {
      try {
        sqliteLog({ file });
      } catch (error) {
        return String(error);
      }
      return 'opened';
    };
    expect(refuse()).toMatch(want);
    // The next start says the same: nothing was begun anew.
    expect(refuse()).toMatch(want);
  });
});

describe('under a running process', () => {
  it.each<{ name: string; fault: () => void; mended: () => void; want: string }>([
    {
      name: 'the folder is moved away',
      fault: () => renameSync(folder, `${folder}-moved`),
      mended: () => renameSync(`${folder}-moved`, folder),
      want: 'log.sqlite was removed',
    },
    {
      name: 'the WAL is moved away',
      fault: () => renameSync(`${file}-wal`, path.join(folder, 'moved')),
      mended: () => renameSync(path.join(folder, 'moved'), `${file}-wal`),
      want: 'log.sqlite-wal was removed',
    },
    {
      name: 'the mark is moved away',
      fault: () => renameSync(`${file}-end`, path.join(folder, 'moved')),
      mended: () => renameSync(path.join(folder, 'moved'), `${file}-end`),
      want: 'log.sqlite-end was removed',
    },
    {
      name: 'the database is replaced by a copy',
      fault: () => {
        copyFileSync(file, path.join(folder, 'copy'));
        renameSync(file, path.join(folder, 'moved'));
        renameSync(path.join(folder, 'copy'), file);
      },
      mended: () => renameSync(path.join(folder, 'moved'), file),
      want: 'log.sqlite was replaced',
    },
  ])('nothing is acknowledged when $name, until it is mended', async ({ fault, mended, want }) => {
    const log = sqliteLog({ file });
    await write(log);
    await log.check();
    fault();
    const refusal = new LogUnwritable(`the log's files are not in place: ${want}`);
    await expect(log.append('main', append(40))).rejects.toEqual(refusal);
    await expect(log.check()).rejects.toEqual(refusal);
    expect(await offsets(log)).toEqual(upTo(40));
    mended();
    await log.check();
    await write(log, { after: 40, count: 3 });
    await log.close();
    const again = sqliteLog({ file });
    expect(await offsets(again)).toEqual(upTo(43));
    await again.close();
  });

  it('a file that is cut off is not trusted any more', async () => {
    const log = sqliteLog({ file });
    await write(log);
    truncateSync(`${file}-wal`, 0);
    await expect(log.append('main', append(40))).rejects.toThrow('log.sqlite-wal was truncated');
    await log.close();
  });
});

it('brings a file of format 1 to this one, in place', async () => {
  const old = new DatabaseSync(file);
  old.exec(`
    CREATE TABLE entries (cluster TEXT NOT NULL, offset INTEGER NOT NULL, events INTEGER NOT NULL, writer TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (cluster, offset)) STRICT;
    CREATE TABLE snapshots (cluster TEXT NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (cluster, offset)) STRICT;
    CREATE TABLE snapshot_chunks (cluster TEXT NOT NULL, offset INTEGER NOT NULL, chunk INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (cluster, offset, chunk)) STRICT;
    PRAGMA application_id = ${0x4c506c67};
    PRAGMA user_version = 1`);
  const put = old.prepare('INSERT INTO entries VALUES (?, ?, 1, ?, ?)');
  for (const cluster of ['main', 'other']) {
    for (let after = 0; after < 300; after++) {
      const { events, writer, time } = append(after);
      put.run(cluster, after + 1, writer, encodeEntry({ offset: after + 1, events, writer, time }));
    }
  }
  old.exec("INSERT INTO snapshots VALUES ('main', 200, 1); INSERT INTO snapshot_chunks VALUES ('main', 200, 0, x'0102')");
  old.close();
  for (const end of [300, 301]) {
    const log = sqliteLog({ file });
    for (const cluster of ['main', 'other']) expect(await offsets(log, { cluster })).toEqual(upTo(end));
    expect(plainLoaded(await log.loadSnapshot('main'))).toMatchObject({ offset: 200, time: 1, chunks: [{ bytes: Buffer.from([1, 2]).toString('base64') }] });
    for (const cluster of ['main', 'other']) await write(log, { cluster, after: end, count: 1 });
    await log.close();
  }
  sql("DELETE FROM entries WHERE cluster = 'other' AND offset > 290");
  expect(() => sqliteLog({ file })).toThrow('cluster other came to resourceVersion 302, and it ends at 290');
});

it('passes over a snapshot that is damaged, and says so', async () => {
  const problems: string[] = [];
  const log = sqliteLog({ file, problem: (message) => problems.push(message) });
  await write(log);
  for (const offset of [10, 30]) await save(log, 'main', snapshot(offset));
  await log.close();
  sql(`UPDATE chunks SET bytes = x'00' WHERE name = '${chunkOf(new Uint8Array([30])).name}'`);
  const again = sqliteLog({ file, problem: (message) => problems.push(message) });
  expect(await again.loadSnapshot('main')).toMatchObject({ offset: 10 });
  expect(problems).toEqual(['the snapshot at 30 of cluster main is damaged: it is made again from what is before it']);
  // What was damaged is not taken for what it should be.
  await expect(save(again, 'main', { ...snapshot(30), offset: 40 }, [])).rejects.toBeInstanceOf(ChunksMissing);
  await save(again, 'main', { ...snapshot(30), offset: 40 });
  expect(plainLoaded(await again.loadSnapshot('main'))).toEqual(plain({ ...snapshot(30), offset: 40 }));
  await again.close();
});

it('knows a log whose beginning was deleted for what was acknowledged, and one from which more is missing', async () => {
  const log = sqliteLog({ file });
  await write(log, { count: 60 });
  await save(log, 'main', snapshot(50));
  expect(await log.truncate('main', { snapshot: 50 })).toEqual({ done: true });
  await log.close();
  const again = sqliteLog({ file });
  expect(await offsets(again, { after: 50 })).toHaveLength(10);
  await write(again, { after: 60, count: 1 });
  await again.close();
  sql('DELETE FROM entries WHERE offset = 51');
  expect(() => sqliteLog({ file })).toThrow(LogDamaged);
});

describe('a loss that is accepted', () => {
  const cut = async () => {
    await written();
    sql('DELETE FROM entries WHERE offset > 30');
  };
  const snapshot = (offset: number) => ({ offset, time: clusterInstant(1), chunks: [new Uint8Array([7])] });

  it('goes on behind all that was acknowledged, with a snapshot of what is left and nothing of what was before', async () => {
    await cut();
    const log = sqliteLog({ file, acceptLoss: true });
    expect([...log.lost]).toEqual([['main', 41]]);
    expect(await offsets(log)).toEqual(upTo(30));
    await beginAnew(log, snapshot(41));
    expect(await log.append('main', append(40))).toEqual({ type: 'conflict' });
    await write(log, { after: 41, count: 3 });
    await log.close();
    const again = sqliteLog({ file });
    expect(again.lost.size).toBe(0);
    expect(await offsets(again, { after: 41 })).toEqual([42, 43, 44]);
    expect(plainLoaded(await again.loadSnapshot('main'))).toEqual(plain(snapshot(41)));
    await again.close();
  });

  it('holds also when nothing is written afterwards, and when the process is killed before the mark is', async () => {
    await cut();
    const log = sqliteLog({ file, acceptLoss: true });
    await beginAnew(log, snapshot(41));
    await log.close();
    copyFileSync(`${file}-end`, path.join(folder, 'earlier'));
    const second = sqliteLog({ file });
    await write(second, { after: 41, count: 1 });
    await second.close();
    renameSync(path.join(folder, 'earlier'), `${file}-end`);
    const third = sqliteLog({ file });
    expect(await offsets(third, { after: 41 })).toEqual([42]);
    await third.close();
    sql('DELETE FROM entries');
    expect(() => sqliteLog({ file })).toThrow('cluster main came to resourceVersion 42, and it ends at 41');
  });

  it('is asked for again when the process ended before the cluster began anew', async () => {
    await cut();
    await sqliteLog({ file, acceptLoss: true }).close();
    expect(() => sqliteLog({ file })).toThrow('cluster main came to resourceVersion 41, and it ends at 30');
    const log = sqliteLog({ file, acceptLoss: true });
    expect([...log.lost]).toEqual([['main', 42]]);
    await log.close();
  });

  it.each<{ name: string; fault: () => void }>([
    { name: 'is missing', fault: () => rmSync(`${file}-end`) },
    { name: 'is damaged', fault: () => truncateSync(`${file}-end`, 100) },
  ])('goes on far behind what is there when the mark $name', async ({ fault }) => {
    await written();
    fault();
    const log = sqliteLog({ file, acceptLoss: true });
    expect([...log.lost]).toEqual([['main', 1_000_040]]);
    await log.close();
  });

  it('is none where nothing was lost', async () => {
    await written();
    const log = sqliteLog({ file, acceptLoss: true });
    expect(log.lost.size).toBe(0);
    expect(await offsets(log)).toEqual(upTo(40));
    await log.close();
  });

  it('does not bring back what is not there at all, nor believe what is damaged', async () => {
    await written();
    sql("UPDATE entries SET bytes = x'01ff' WHERE offset = 20");
    expect(() => sqliteLog({ file, acceptLoss: true })).toThrow('the entry at 20 of cluster main is not what was written');
    rmSync(file);
    expect(() => sqliteLog({ file, acceptLoss: true })).toThrow('log.sqlite is missing or empty');
  });
});
