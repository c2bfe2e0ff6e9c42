import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import type { LogUnderTest } from './log-under-test.ts';

export const inProcess = {
  'lost answers': 'the log is in the writer’s process: there is no answer to lose',
  'interrupted snapshots': 'a snapshot is saved in one step',
};

export const onSqliteSkips = {
  ...inProcess,
  proposals: 'one process owns the log, and has no other to leave anything to',
  'entry size limit': 'SQLite takes entries of any size that one batch can have',
};

/** A log in a new file. */
export function onSqlite(): LogUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'logplane-'));
  const file = join(folder, 'data', 'log.db');
  const opened = [sqliteLog({ file })];
  return {
    log: opened[0]!,
    peer: opened[0]!,
    async restart() {
      await opened[0]!.close();
      opened.push(sqliteLog({ file }));
      return opened[1]!;
    },
    async dispose() {
      for (const log of opened) await log.close();
      rmSync(folder, { recursive: true });
    },
  };
}
