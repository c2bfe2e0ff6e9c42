import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { systemEnv } from '../core/env.ts';
import { branchLog } from '../core/log/branch-log.ts';
import { type Branch, baseAt } from '../core/log/branches.ts';
import { sqliteLog } from '../core/log/sqlite/sqlite-log.ts';
import { Replica } from '../core/replica/replica.ts';
import { write, written } from '../core/testing/written-log.ts';
import { acceptLoss } from './accept-loss.ts';

it('lets forks go on that share what is left, and says which cannot', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'logplane-'));
  const file = path.join(folder, 'log.sqlite');
  const main: Branch = { cluster: 'main', log: 'main', base: [] };
  const [early, late] = [3, 5].map((at): Branch => ({ cluster: `at-${at}`, log: `at-${at}~x`, base: baseAt(main, at) })) as [Branch, Branch];
  const lost: Branch = { cluster: 'lost', log: 'lost~x', base: baseAt(main, 2) };
  let log = sqliteLog({ file });
  const open = (branch: Branch) => Replica.open({ log: branchLog(log, branch), cluster: branch.cluster, env: systemEnv, exclusive: true });
  try {
    const replica = await open(main);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await write(replica, name);
    for (const branch of [early, late, lost]) {
      await log.branches.begin(branch);
      await write(await open(branch), 'own');
    }
    await log.close();
    const database = new DatabaseSync(file);
    database.exec("DELETE FROM entries WHERE (cluster = 'main' AND offset = 5) OR cluster = 'lost~x'");
    database.close();
    log = sqliteLog({ file, acceptLoss: true });
    const told: string[] = [];
    await acceptLoss({ log, env: systemEnv, report: (message) => told.push(message) });
    expect(told.sort()).toEqual([
      'cluster at-5 cannot be read any more: it is a fork, and lost is what it shares',
      'cluster lost goes on at resourceVersion 4 with what was left of it at 2',
      'cluster main goes on at resourceVersion 6 with what was left of it at 4',
    ]);
    await log.close();
    log = sqliteLog({ file });
    const states = await Promise.all((await log.branches.list()).filter(({ cluster }) => cluster !== 'at-5').map(open));
    expect(Object.fromEntries(states.map(({ cluster, state }) => [cluster, `${state.offset}: ${written(state)}`]))).toEqual({
      'at-3': '4: a=1@1 b=1@2 c=1@3 own=1@4',
      lost: '4: a=1@1 b=1@2',
      main: '6: a=1@1 b=1@2 c=1@3 d=1@4',
    });
    for (const replica of states) expect(await write(replica, 'more')).toBe(replica.state.offset);
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
});
