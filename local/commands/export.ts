import { Option } from 'commander';
import { UsageError } from '../run-verb.ts';
import { clientOf, examples, GROUPS, ofCluster, type Verb } from './verb.ts';

/** `logplane export` */
export const addExport: Verb = (program, terminal) => {
  const command = program
    .command('export')
    .helpGroup(GROUPS.look)
    .description(
      'Take a cluster elsewhere: what there was at a moment as manifests, or what changed as audit events. Of a namespace (-n), or of the whole cluster.',
    )
    .addOption(new Option('--format <form>', 'manifests, or audit events').choices(['yaml', 'audit']).default('yaml'))
    .addOption(new Option('-o, --output <form>', 'manifests as a YAML stream, or as a List in JSON').choices(['yaml', 'json']).default('yaml'))
    .option('--at <moment>', 'manifests of which moment: an offset, a time or a bookmark (default: now)')
    .option('--from <moment>', 'audit events from which moment on (default: the beginning)')
    .option('--to <moment>', 'and up to which (default: now)')
    .option('--secrets', 'manifests of Secrets too, with what is in them')
    .option('--file <path>', 'into a new file (default: standard output)')
    .option('--dir <path>', 'manifests into a new folder, a file each')
    .option('--overwrite', 'also into a file that is there');
  ofCluster(command).action(async ({ format, output, at, from, to, secrets = false, file, dir, overwrite = false, ...choice }) => {
    if (file !== undefined && dir !== undefined) throw new UsageError('--file and --dir exclude each other');
    if (format === 'audit' && (dir !== undefined || at !== undefined || secrets))
      throw new UsageError('--at, --secrets and --dir are for --format yaml; audit events have --from and --to');
    if (format === 'yaml' && (from !== undefined || to !== undefined)) throw new UsageError('--from and --to are for --format audit; manifests have --at');
    const { exportTo } = await import('../export.ts');
    const client = await clientOf(choice, terminal);
    const told = await exportTo({ format, output, at, from, to, secrets, namespace: choice.namespace }, { file, dir, overwrite, out: terminal.out }, client);
    if (told !== undefined) terminal.err(`${told}\n`);
  });
  examples(command, [
    ['export -n shop > shop.yaml', 'the namespace as manifests'],
    ['export --at 120 --dir before/', 'the cluster as it was, a file for each object'],
    ['export --format audit --from 2026-11-26T10:00:00Z', 'who did what since then'],
  ]);
};
