import type { Command } from 'commander';
import { UsageError } from '../run-verb.ts';
import { clientOf, examples, GROUPS, integer, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane undo` */
export const addUndo: Verb = (program, terminal) => {
  const command: Command = program
    .command('undo [offset]')
    .helpGroup(GROUPS.change)
    .description(
      'Take changes back, all at once: one change, a request and all that it caused, what a user has done, or the last change of an object. It is the inverse of exactly these changes, and can be undone itself.',
    )
    .option('--request <offset>', 'the change at this offset, and all that it caused', integer(1, Number.MAX_SAFE_INTEGER))
    .option('--actor <user>', 'the changes of this user, with --since')
    .option('--since <moment>', 'with --actor, after which moment: an offset, a time or a bookmark')
    .option('--object <kind/name>', 'the last change of this object that was made by a request; with --to all of them')
    .option('--to <moment>', 'with --object, to which moment it is put back: an offset, a time or a bookmark')
    .option('--force', 'also where the same fields were changed since')
    .option('--dry-run', 'tell what would be undone, and write nothing');
  ofCluster(withOutput(command)).action(async (offset: string | undefined, given) => {
    const { request, actor, since, object, to, force = false, dryRun = false, output, ...choice } = given;
    const which = [offset, request, actor, object].filter((value) => value !== undefined);
    if (which.length !== 1) throw new UsageError('one of OFFSET, --request, --actor and --object is needed: logplane history KIND/NAME shows offsets');
    if (offset !== undefined && !/^[1-9]\d*$/.test(offset))
      throw new UsageError(`${JSON.stringify(offset)} is no offset: a number is needed, as history shows them`);
    if ((actor === undefined) !== (since === undefined)) throw new UsageError('--actor and --since go together: whose changes, and since when');
    if (to !== undefined && object === undefined) throw new UsageError('--to goes with --object: fork or reset a cluster to have all of it as it was');
    const { undo, undoneLines } = await import('../undo.ts');
    const what = { ...(offset !== undefined && { offset: Number(offset) }), request, actor, since, object, to };
    const record = await undo(what, { force, dryRun, isNamespaced: choice.namespace !== undefined }, await clientOf(choice, terminal));
    print(terminal, output, {
      table: () => undoneLines(record, { dryRun, columns: terminal.columns }),
      value: record,
      names: [`${record.kind.toLowerCase()}.logplane.dev/${record.metadata.name}`],
    });
  });
  examples(command, [
    ['undo 4711 --dry-run', 'what would come of taking that change back'],
    ['undo --object deployment/web -n shop', 'the last thing that was asked of it'],
    ['undo --object deployment/web --to 4000', 'as it was then'],
    ['undo --actor alice --since 2026-11-27T09:00:00Z', 'all that she did, and what came of it'],
    ['undo --request 4711', 'a transaction, or another undo'],
  ]);
};
