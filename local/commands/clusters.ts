import type { Command } from 'commander';
import { clientOf, examples, GROUPS, integer, ofCluster, print, type Verb, withOutput } from './verb.ts';

/** `logplane clusters`: list, create, delete. */
export const addClusters: Verb = (program, terminal) => {
  const clusters = program
    .command('clusters')
    .helpGroup(GROUPS.clusters)
    .description('The clusters of a host: list, create and delete them. Alone, it lists them.');
  const list = ofHost(withOutput(clusters.command('list', { isDefault: true }).description('List the clusters of the host, and of what each is a fork.')));
  list.action(async ({ output, ...choice }) => {
    const { clusterRows, listClusters } = await import('../clusters.ts');
    const { laidOut } = await import('../columns.ts');
    const { heading } = await import('../terminal.ts');
    const items = await listClusters(await clientOf(choice, terminal));
    print(terminal, output, {
      table: () => laidOut(clusterRows(items), { columns: terminal.columns, style: heading(terminal) }),
      value: { apiVersion: 'v1', kind: 'List', metadata: {}, items },
      names: items.map(({ metadata }) => `cluster.logplane.dev/${metadata.name}`),
    });
  });
  examples(list, [
    ['clusters', 'what there is'],
    ['clusters list -o json', 'with specs and statuses'],
  ]);
  const create = clusters
    .command('create <name>')
    .description('Create a cluster of its own, empty but for its nodes.')
    .option('--nodes <count>', 'how many nodes it begins with (default: as the host gives)', integer(0, 5000))
    .option('--ttl <duration>', 'when it goes by itself, such as 8h');
  ofHost(withOutput(create)).action(async (name: string, { nodes, ttl, output, ...choice }) => {
    const { createCluster, madeCluster } = await import('../clusters.ts');
    const client = await clientOf(choice, terminal);
    const cluster = await createCluster(name, { ...(nodes !== undefined && { nodes }), ...(ttl !== undefined && { ttl }) }, client);
    print(terminal, output, madeCluster(cluster, client, terminal));
  });
  examples(create, [
    ['clusters create lab --nodes 2', 'ready at once'],
    ['clusters create try --ttl 1h', 'gone in an hour'],
  ]);
  const remove = clusters
    .command('delete <name...>')
    .description('Delete clusters, with their logs: what they held cannot be had back.')
    .option('--ignore-not-found', 'so that one that is gone already is no error');
  ofHost(withOutput(remove, ['table', 'json', 'name'])).action(async (names: string[], { ignoreNotFound = false, output, ...choice }) => {
    const { deleteClusters } = await import('../clusters.ts');
    const { deleted, refused } = await deleteClusters(names, { ignoreNotFound }, await clientOf(choice, terminal));
    const ids = deleted.map((name) => `cluster.logplane.dev/${name}`);
    print(terminal, output, { table: () => ids.map((id) => `${id} deleted`), value: { deleted }, names: ids });
    for (const message of refused) terminal.err(`logplane: ${message}\n`);
    if (refused.length > 0) terminal.exitCode = 1;
  });
  examples(remove, [['clusters delete try', 'the cluster and its log']]);
};

/** `logplane fork` */
export const addFork: Verb = (program, terminal) => {
  const command = program
    .command('fork <name>')
    .helpGroup(GROUPS.clusters)
    .description(
      'Make a cluster that shares the history of another one up to a moment, and goes its own way from there. It costs one small record, whatever the size.',
    )
    .option('--of <name>', 'of which cluster, NAME or NAME@AT: an offset, a time, a bookmark or start (default: that of the context, now)')
    .option('--ttl <duration>', 'when it goes by itself, such as 8h');
  ofHost(withOutput(command)).action(async (name: string, { of, ttl, output, ...choice }) => {
    const { createCluster, forkOf, madeCluster } = await import('../clusters.ts');
    const client = await clientOf(choice, terminal);
    const cluster = await createCluster(name, { forkOf: forkOf(of, client), ...(ttl !== undefined && { ttl }) }, client);
    print(terminal, output, madeCluster(cluster, client, terminal));
  });
  examples(command, [
    ['fork try', 'of the cluster as it is now'],
    ['fork before --of default@120 --ttl 1h', 'as it was at an offset'],
    ['fork yesterday --of lab@2026-11-26T10:00:00Z', 'as it was at a time'],
    ['why deployment/web --cluster try', 'any verb asks the fork with --cluster'],
  ]);
};

/** Clusters are in no namespace, and of the host. */
const ofHost = (command: Command): Command => {
  ofCluster(command);
  return hiding(command, ['--namespace', '--cluster']);
};

const hiding = (command: Command, flags: readonly string[]): Command => {
  for (const option of command.options) if (flags.includes(option.long ?? '')) option.hideHelp();
  return command;
};
