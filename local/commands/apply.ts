import { FIELD_MANAGER } from '../field-manager.ts';
import { clientOf, collect, examples, GROUPS, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane apply` */
export const addApply: Verb = (program, terminal) => {
  const command = program
    .command('apply')
    .helpGroup(GROUPS.change)
    .description('Apply manifests to a running cluster, server-side: one by one, or all of them or none.')
    .requiredOption('-f, --filename <path>', 'a file, a folder (recursively) or - for standard input; may be repeated', collect)
    .option('--atomic', 'as one transaction: all of them, or none')
    .option('--field-manager <name>', 'as which field manager', FIELD_MANAGER)
    .option('--force-conflicts', 'take over what belongs to other field managers')
    .option('--dry-run', 'write nothing');
  ofCluster(withOutput(command)).action(
    async ({ filename, atomic = false, fieldManager, forceConflicts: force = false, dryRun = false, output, ...choice }) => {
      const { readManifests } = await import('../manifests.ts');
      const manifests = await readManifests(filename);
      const client = await clientOf(choice, terminal);
      const options = { fieldManager, force, dryRun };
      const suffix = dryRun ? ' (server dry run)' : '';
      const { applyEach, isFieldConflict } = await import('../apply-each.ts');
      if (atomic) {
        const { applyAtomically } = await import('../apply-atomically.ts');
        const { names, transaction } = await applyAtomically(manifests, options, client).catch((error: Error) => {
          throw isFieldConflict(error) ? new Error(`${error.message}\n${TAKE_OVER}`, { cause: error }) : error;
        });
        const record = `transaction.logplane.dev/${transaction.metadata.name}`;
        const lines = [...names.map((name) => `${name} serverside-applied${suffix}`), `${record} created${suffix}`];
        return print(terminal, output, { table: () => lines, value: transaction, names: [...names, record] });
      }
      const { names, objects, refused, hasConflicts, brokenOff } = await applyEach(manifests, { ...options, signal: terminal.interrupted?.() }, client);
      const value = { apiVersion: 'v1', kind: 'List', metadata: {}, items: objects };
      print(terminal, output, { table: () => names.map((name) => `${name} serverside-applied${suffix}`), value, names });
      for (const message of refused) terminal.err(`logplane: ${message}\n`);
      if (hasConflicts) terminal.err(`${TAKE_OVER}\n`);
      if (refused.length > 0) terminal.exitCode = 1;
      if (!brokenOff) return;
      terminal.err(`logplane: ${names.length} of ${manifests.length} were applied before this: the same command goes on from there\n`);
      throw brokenOff;
    },
  );
  examples(command, [
    ['apply -f manifests/', 'one by one, as kubectl apply --server-side'],
    ['apply --atomic -f manifests/', 'all of them, or none'],
    ['apply --atomic -f manifests/ --dry-run', 'whether all of them would be taken'],
  ]);
};

const TAKE_OVER = 'What belongs to other field managers is taken over with --force-conflicts; --field-manager says as which one it is applied.';
