import type { DynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { removeEnded } from '../../core/log/ended-logs.ts';
import type { VirtualTime } from './clock.ts';
import type { Table } from './table.ts';

/** Ends all branches that are left, removes their logs, and says what is in the table then. */
export async function remainsOf({ log, table, time }: { log: DynamodbLog; table: Table; time: VirtualTime }): Promise<string[]> {
  const failures: string[] = [];
  for (const { cluster, log: name } of await log.branches.list()) await log.branches.end(cluster, name);
  for (const name of await log.branches.ended()) await log.remove(name);
  await new Promise<void>((resolve) => time.after(2 * HOUR, resolve));
  for (let i = 0; i < MOST && (await log.branches.ended()).length > 0; i++)
    await removeEnded(log, await log.branches.ended(), (_, error) => failures.push(`a removal failed: ${(error as Error).stack}`));
  const left = [...table.backup()].filter(([, rows]) => rows.length > 0).map(([partition]) => partition);
  return left.length > 0 ? [...failures, `when all has ended there is left: ${left.join(', ')}`] : failures;
}

const HOUR = 3_600_000;
/** More pieces than all logs of a run have. */
const MOST = 2_000;
