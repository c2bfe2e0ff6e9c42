import { type ApiClient, Unreachable } from '../client/api-client.ts';
import type { ImportOptions, ImportPlan } from '../importing.ts';
import { UsageError } from '../run-verb.ts';
import type { Terminal } from '../terminal.ts';
import { clientOf, collect, examples, GROUPS, ofCluster, placesOf, print, type Verb, withOutput } from './verb.ts';

/** `logplane import` */
export const addImport: Verb = (program, terminal) => {
  const command = program
    .command('import')
    .helpGroup(GROUPS.change)
    .description(
      'Bring what a live cluster holds, or a folder, into this one, with the names of Secrets alone. The plan comes first. It is one transaction, or several that the same command goes on with; into a new cluster (--into) it is all or nothing.',
    )
    .option('-f, --filename <path>', 'from a file, a folder (recursively) or - for standard input; may be repeated', collect)
    .option('--from-context <name>', 'from the cluster of this context, which is only read')
    .option('--from-kubeconfig <file>', 'of this kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
    .option('--from-namespace <name>', 'only of this namespace; may be repeated', collect)
    .option('--exclude <resource>', 'without this resource, such as ingresses.networking.k8s.io; may be repeated', collect)
    .option('--nodes', 'with its nodes: their sizes, labels and taints')
    .option('--secrets', 'with what is in Secrets')
    .option('--into <name>', 'into a new cluster of the host, which is removed again when something is refused')
    .option('--dry-run', 'show the plan, and write nothing')
    .option('-y, --yes', 'without asking');
  ofCluster(withOutput(command, ['table', 'json', 'yaml'])).action(async (given) => {
    const {
      filename,
      fromContext,
      fromKubeconfig,
      fromNamespace: namespaces = [],
      exclude = [],
      nodes = false,
      secrets = false,
      into,
      dryRun = false,
      yes = false,
      output,
      ...choice
    } = given;
    const isLive = fromContext !== undefined || fromKubeconfig !== undefined;
    if (isLive === (filename !== undefined)) throw new UsageError('from where? One of -f, and --from-context (or --from-kubeconfig), is needed');
    const options: ImportOptions = { namespaces, exclude, nodes, secrets };
    const { readCluster } = await import('../importing.ts');
    const { readManifests } = await import('../manifests.ts');
    const { connect } = await import('../client/connect.ts');
    const host = await clientOf(choice, terminal);
    const objects = isLive
      ? await readCluster(await connect({ kubeconfig: fromKubeconfig, context: fromContext }, { ...placesOf(terminal), cwd: undefined }), options)
      : (await readManifests(filename)).map(({ object }) => object);
    const wanted = { objects, options, dryRun, yes, output, terminal };
    if (into === undefined) return void (await carryOut(wanted, host));
    const { createCluster, deleteClusters } = await import('../clusters.ts');
    await createCluster(into, nodes ? { nodes: 0 } : {}, host);
    try {
      const isDone = await carryOut(wanted, host.of(into));
      if (isDone) return terminal.err(`cluster.logplane.dev/${into} created\n`);
      await deleteClusters([into], { ignoreNotFound: true }, host);
    } catch (error) {
      const isRemoved = await deleteClusters([into], { ignoreNotFound: true }, host).then(
        ({ refused }) => refused.length === 0,
        () => false,
      );
      throw withMore(
        error,
        isRemoved
          ? `Cluster ${into} is removed again: nothing was imported`
          : `Cluster ${into} may hold a part of it: logplane clusters delete ${into} removes it`,
      );
    }
  });
  examples(command, [
    ['import --from-context prod --into prod-copy --nodes', 'try on a copy, which holds no secret values'],
    ['import --from-context prod --from-namespace shop --dry-run', 'what would be taken'],
    ['import -f backup/ --yes', 'a folder, as of logplane export --dir'],
  ]);
};

interface Wanted {
  readonly objects: Parameters<typeof import('../importing.ts').planImport>[0];
  readonly options: ImportOptions;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly output: 'table' | 'json' | 'yaml';
  readonly terminal: Terminal;
}

/** Whether it was done. Throws an Error that says how far it came where something is refused. */
async function carryOut({ objects, options, dryRun, yes, output, terminal }: Wanted, target: ApiClient): Promise<boolean> {
  const { importSteps, planImport } = await import('../importing.ts');
  const { laidOut } = await import('../columns.ts');
  const plan = await planImport(objects, options, target);
  const { transactions, steps, kinds, leftOut } = plan;
  const value = (result: string) => ({ result, target: target.server, objects: steps.length, transactions: transactions.length, kinds, leftOut });
  const lines = () => planLines(plan, target, (rows) => laidOut(rows, { columns: terminal.columns, indent: 2 }));
  if (steps.length === 0) {
    print(terminal, output, { table: lines, value: value('Nothing') });
    return false;
  }
  // What follows needs what comes before it: only the first can be tried.
  await importSteps(transactions[0]!, { dryRun: true }, target);
  if (output === 'table') terminal.out(`${lines().join('\n')}\n`);
  const isWanted = yes || (await terminal.confirm?.(`Import ${steps.length} objects into ${target.server}?`)) === true;
  if (dryRun || !isWanted) {
    print(terminal, output, { table: () => [dryRun ? 'Nothing was written (dry run).' : 'Nothing was written: --yes imports it.'], value: value('Planned') });
    if (!dryRun) terminal.exitCode = 1;
    return false;
  }
  for (const [i, transaction] of transactions.entries()) {
    await importSteps(transaction, { dryRun: false }, target).catch((error: Error) => {
      const before = transactions.slice(0, i).reduce((sum, { length }) => sum + length, 0);
      const how =
        i === 0 ? 'Nothing was imported' : `${before} of ${steps.length} objects are imported, and nothing of the others: the same command goes on from there`;
      if (error instanceof Unreachable)
        throw withMore(
          error,
          `${before} of ${steps.length} objects are imported, and of the next ${transaction.length}, one transaction, it is not known whether they are: the same command goes on from there`,
        );
      throw withMore(error, `${how}. --exclude leaves a resource out`);
    });
  }
  print(terminal, output, { table: () => [`${steps.length} objects imported into ${target.server}.`], value: value('Imported') });
  return true;
}

/** The same error, with what came of it. */
function withMore(error: unknown, more: string): Error {
  const message = `${(error as Error).message}\n${more}`;
  return error instanceof Unreachable ? new Unreachable(message, { cause: error }) : new Error(message, { cause: error });
}

function planLines({ steps, transactions, kinds, leftOut }: ImportPlan, target: ApiClient, laidOut: (rows: string[][]) => string[]): string[] {
  const rowsOf = (counts: Readonly<Record<string, number>>) => Object.entries(counts).map(([name, count]) => [String(count), name]);
  const how = transactions.length > 1 ? `in ${transactions.length} transactions, each whole or not at all` : 'in one transaction: all, or nothing';
  return [
    `${steps.length} objects for ${target.server}, ${how}`,
    ...laidOut(rowsOf(kinds)),
    ...(Object.keys(leftOut).length > 0 ? ['', 'Left out', ...laidOut(rowsOf(leftOut))] : []),
    '',
  ];
}
