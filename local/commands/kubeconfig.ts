import type { Command } from 'commander';
import { UsageError } from '../run-verb.ts';
import { clientOf, collect, examples, GROUPS, ofCluster, placesOf, print, type Verb, withOutput } from './verb.ts';

/** `logplane kubeconfig` */
export const addKubeconfig: Verb = (program, terminal) => {
  const command: Command = program
    .command('kubeconfig [cluster]')
    .helpGroup(GROUPS.clusters)
    .description(
      'Print a kubeconfig for a cluster of the host, or add it to your own: with the credentials of the context, or with new ones for somebody else.',
    )
    .option('--merge', 'add it to your own kubeconfig ($KUBECONFIG, ~/.kube/config), of which a backup is kept')
    .option('--file <path>', 'with --merge, into this file')
    .option('--name <name>', 'how context, cluster and user are called (default: logplane-CLUSTER)')
    .option('--use', 'with --merge, make it the current context')
    .option('--overwrite', 'with --merge, replace what has the name and is of another cluster')
    .option('--user <name>', 'with new credentials for this user, which are good for this cluster alone')
    .option('--group <name>', 'with --user, in which group; may be repeated', collect)
    .option('--expires <duration>', 'with --user, for how long they are good, such as 8h', '8h');
  ofCluster(withOutput(command, ['yaml', 'json'])).action(async (name: string | undefined, given) => {
    const { merge = false, file, name: called, use = false, overwrite = false, user, group, expires, output, ...choice } = given;
    if (!merge && (file !== undefined || use || overwrite)) throw new UsageError('--file, --use and --overwrite go with --merge');
    if (user === undefined && group !== undefined) throw new UsageError('--group goes with --user');
    const { kubeconfigFor } = await import('../kubeconfig-for.ts');
    const { mergedLines, mergeKubeconfig, ownKubeconfig } = await import('../merge-kubeconfig.ts');
    const client = await clientOf(choice, terminal);
    const wanted = { cluster: name, called, user, groups: group ?? [], expires };
    const config = await kubeconfigFor(wanted, client, { choice, places: placesOf(terminal) });
    if (!merge) return print(terminal, output, { table: () => [], value: config });
    const merged = mergeKubeconfig(config, { file: file ?? ownKubeconfig(terminal.env), use, overwrite, now: new Date() });
    print(terminal, command.getOptionValueSource('output') === 'default' ? 'table' : output, { table: () => mergedLines(merged), value: merged });
  });
  examples(command, [
    ['kubeconfig > lab.kubeconfig', 'of the cluster of the context'],
    ['kubeconfig try --merge --use', 'kubectl uses the cluster try from now on'],
    ['kubeconfig anna --user anna --expires 8h > anna.kubeconfig', 'for a student, good for that cluster alone'],
  ]);
};
