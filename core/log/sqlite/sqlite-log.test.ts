import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fdatasync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterInstant } from '../../instant.ts';
import { userNamed } from '../../kube/user.ts';
import { type Append, type EventLog, type LogEntry, LogUnavailable, LogUnwritable } from '../log.ts';
import { LogInUse } from './refusals.ts';
import { sqliteLog } from './sqlite-log.ts';

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logplane-'));
  file = join(folder, 'log.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true });
});

describe('an append', () => {
  /** A disk that says when it is done. */
  function slowDisk() {
    const waiting: ((error: Error | null) => void)[] = [];
    return { waiting, sync: (_fd: number, done: (error: Error | null) => void) => void waiting.push(done) };
  }
  const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('is told to no reader before it is on the disk', async () => {
    const disk = slowDisk();
    const log = sqliteLog({ file, sync: disk.sync });
    const told: string[] = [];
    const tell = (what: string) => () => void told.push(what);
    const ends = new AbortController();
    const tail = (async () => {
      for await (const entry of log.tail('main', { after: 0, signal: ends.signal })) tell(`tail ${entry.offset}`)();
    })();
    const first = log.append('main', append(0)).then(tell('first'));
    const second = log.append('main', append(1)).then(tell('second'));
    const read = all(log).then((entries) => tell(`read ${entries.length}`)());
    const last = log.lastEntry('main', { atMost: 9 }).then((entry) => tell(`last ${entry?.offset}`)());
    await turns();
    expect(told).toEqual([]);
    // The second one was committed while the disk had begun with the first.
    expect(disk.waiting).toHaveLength(1);
    disk.waiting.shift()!(null);
    await first;
    await turns();
    expect(told).toEqual(['first', 'tail 1']);
    disk.waiting.shift()!(null);
    await Promise.all([second, read, last]);
    await turns();
    expect(told.toSorted()).toEqual(['first', 'last 2', 'read 2', 'second', 'tail 1', 'tail 2']);
    ends.abort();
    await tail;
    await log.close();
  });

  it('that did not come to the disk is refused, and so is all that follows, until the log is opened again', async () => {
    let isBroken = false;
    const log = sqliteLog({ file, sync: (fd, done) => (isBroken ? done(new Error('EIO: i/o error, fdatasync')) : fdatasync(fd, done)) });
    expect((await log.append('main', append(0))).type).toBe('appended');
    isBroken = true;
    const refusal = new LogUnwritable('the log cannot be brought to the disk, and has to be opened again: EIO: i/o error, fdatasync');
    await expect(log.append('main', append(1))).rejects.toThrow(refusal);
    // The disk answers again, and does not know what it lost.
    isBroken = false;
    await expect(log.append('main', append(1))).rejects.toThrow(refusal);
    await expect(log.append('main', append(2))).rejects.toThrow(refusal);
    await expect(all(log)).rejects.toThrow(refusal);
    await expect(log.check()).rejects.toThrow(refusal);
    await log.close();
    const again = sqliteLog({ file });
    expect((await all(again)).length).toBeGreaterThanOrEqual(1);
    await again.close();
  });
});

describe('one process at a time', () => {
  it('refuses a second one, with the name of the file', async () => {
    const log = sqliteLog({ file });
    const child = run(`import { sqliteLog } from ${module}; try { sqliteLog({ file: ${path()} }) } catch (error) { console.log(error.name, error.message) }`);
    expect(await lines(child).first(1)).toStrictEqual([`LogInUse ${file} is in use by another process (${process.pid})`]);
    expect(() => sqliteLog({ file })).toThrow(LogInUse);
    // Refusing has not harmed the first.
    expect((await log.append('main', append(0))).type).toBe('appended');
    await log.close();
  });

  it('lets the next one in when the first is killed, and keeps all that was acknowledged', async () => {
    const child = run(`
      import { sqliteLog } from ${module};
      const log = sqliteLog({ file: ${path()} });
      const event = { type: 'DELETED', key: 'configmaps/default/a', actor: { username: ${JSON.stringify('x'.repeat(2_000))}, groups: [] } };
      for (let after = 0; ; after += 2) {
        await log.append('main', { after, events: [event, event], writer: 'w' + after, time: 1 });
        process.stdout.write(after + 2 + '\\n');
      }`);
    const acknowledged = lines(child);
    await acknowledged.first(300);
    expect(() => sqliteLog({ file })).toThrow(LogInUse);
    child.kill('SIGKILL');
    const last = Number((await acknowledged.all()).at(-1));
    expect(last).toBeGreaterThanOrEqual(600);
    const log = sqliteLog({ file });
    const entries = await all(log);
    expect(entries.map((entry) => entry.offset)).toStrictEqual(entries.map((_, i) => 1 + 2 * i));
    expect(2 * entries.length).toBeGreaterThanOrEqual(last);
    expect((await log.append('main', append(2 * entries.length))).type).toBe('appended');
    await log.close();
  });
});

describe('a disk that is full', () => {
  it('is LogUnavailable for the append; the log stays as it was and goes on when there is room again', async () => {
    // The shell's limit on a file's size stands in for the disk's: a write beyond it fails (EFBIG, as ENOSPC does).
    const child = run(
      `import { sqliteLog } from ${module};
      const log = sqliteLog({ file: ${path()} });
      const text = Array.from({ length: 200 }, (_, i) => (i * 7919 * 104729).toString(36)).join('-');
      let after = 0, error;
      while (!error) await log.append('main', { after, events: [{ type: 'DELETED', key: 'a/b/' + after, actor: { username: text + after, groups: [] } }], writer: 'w' + after, time: 1 }).then(() => after++, (e) => (error = e));
      const again = await log.append('main', { after, events: [{ type: 'DELETED', key: 'a/b/c', actor: { username: text.repeat(300) + Math.random(), groups: [] } }], writer: 'x', time: 1 }).catch((e) => e);
      const chunks = ['a', 'b'].map((name) => ({ name, resource: 'pods', first: '', size: 3e5 }));
      const bytes = new Map(chunks.map(({ name }) => [name, crypto.getRandomValues(new Uint8Array(60000))]).concat([['b', new Uint8Array(4e6)]]));
      const saved = await log.saveSnapshot('main', { offset: after, time: 1, chunks }, bytes).catch((e) => e);
      let read = 0;
      for await (const entry of log.read('main', { after: 0 })) read = entry.offset;
      console.log(JSON.stringify({ after, read, errors: [error.name, again.name, saved?.name], message: error.message, snapshot: await log.loadSnapshot('main') }));
      process.kill(process.pid, 'SIGKILL');`,
      'ulimit -f 1000',
    );
    const seen = JSON.parse((await lines(child).first(1))[0]!);
    expect(seen).toStrictEqual({
      after: seen.after,
      read: seen.after,
      errors: Array(3).fill('LogUnwritable'),
      message: expect.stringMatching(/^the log's database failed: /),
    });
    expect(seen.after).toBeGreaterThan(10);
    if (child.signalCode === null) await once(child, 'close');
    const log = sqliteLog({ file });
    expect((await all(log)).map((entry) => entry.offset)).toStrictEqual(Array.from({ length: seen.after }, (_, i) => i + 1));
    expect((await log.append('main', append(seen.after))).type).toBe('appended');
    await log.close();
  });
});

describe('a file that is not a log', () => {
  it('is refused and left as it is, when it is no database', () => {
    writeFileSync(file, 'kind: ConfigMap\n'.repeat(1_000));
    expect(() => sqliteLog({ file })).toThrow(`${file} is not a log of Logplane`);
  });

  it('is refused when it is the database of another program', () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    expect(() => sqliteLog({ file })).toThrow(`${file} is a database of another program`);
  });

  it('is refused when a later version wrote it', async () => {
    await sqliteLog({ file }).close();
    const later = new DatabaseSync(file);
    later.exec('PRAGMA user_version = 5');
    later.close();
    expect(() => sqliteLog({ file })).toThrow('was written by another version of Logplane (format 5; this one reads 4)');
  });

  it('is refused when it is a folder', () => {
    expect(() => sqliteLog({ file: folder })).toThrow('unable to open database file');
  });
});

it('copies what was written into the database seldom: not for each some hundreds of small appends', async () => {
  const log = sqliteLog({ file });
  // Changes each time the WAL begins anew.
  const generation = () => readFileSync(`${file}-wal`).subarray(16, 24).toString('hex');
  const generations = new Set<string>();
  for (let i = 0; i < 1_200; i++) {
    await log.append('main', append(i));
    if (i % 50 === 0) generations.add(generation());
  }
  expect(generations.size).toBe(1);
  await log.close();
});

it('refuses to append beyond its end, which would make a hole', async () => {
  const log = sqliteLog({ file });
  await log.append('main', append(0));
  await expect(log.append('main', append(2))).rejects.toThrow('Nothing can be appended after 2: the log of main ends at 1');
  await expect(log.append('main', append(2))).rejects.not.toBeInstanceOf(LogUnavailable);
  expect(await all(log)).toHaveLength(1);
  await log.close();
});

const module = JSON.stringify(new URL('./sqlite-log.ts', import.meta.url).href);
const path = () => JSON.stringify(file);

const append = (after: number): Append => ({
  after,
  events: [{ type: 'DELETED', key: 'configmaps/default/a', actor: userNamed('a') }],
  writer: `w-${after}`,
  time: clusterInstant(1),
});

async function all(log: EventLog): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of log.read('main', { after: 0 })) entries.push(entry);
  return entries;
}

/** Another process that runs `script`; `limit` is a shell command that is run before. */
function run(script: string, limit = ':'): ChildProcess {
  const child = spawn('/bin/sh', ['-c', `trap '' XFSZ; ${limit}; exec "$0" --input-type=module -e "$1"`, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** What a process prints, by lines. */
function lines(child: ChildProcess) {
  let text = '';
  let over = false;
  let news = () => {};
  child.stdout!.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    news();
  });
  const ended = once(child, 'close').then(() => {
    over = true;
    news();
  });
  return {
    /** Its first `count` lines, as soon as they are there. */
    async first(count: number): Promise<string[]> {
      while (text.split('\n').length <= count) {
        if (over) throw new Error(`the process ended after it had printed ${JSON.stringify(text)}`);
        await new Promise<void>((resolve) => {
          news = resolve;
        });
      }
      return text.split('\n').slice(0, count);
    },
    /** All its whole lines, when it has ended. */
    async all(): Promise<string[]> {
      await ended;
      return text.split('\n').slice(0, -1);
    },
  };
}
