import { table } from './table.ts';

/**
 * The partitions of the log's table by what is in them, as IAM tells them apart: by the name of the one that a request is for (core/log/dynamodb/keys.ts has the names,
 * test/infra holds the two together). Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
 */
const partitions = {
  /** Under the log's name, which has no `#`. */
  entries: { test: 'ForAllValues:StringNotLike', values: ['*#*'] },
  parts: { test: 'ForAllValues:StringLike', values: ['?*#parts#*'] },
  pending: { test: 'ForAllValues:StringLike', values: ['?*#pending'] },
  /** What is noted of snapshots of which something may come late. */
  late: { test: 'ForAllValues:StringLike', values: ['?*#late'] },
  snapshots: { test: 'ForAllValues:StringLike', values: ['?*#snapshots', '?*#snapshot#*'] },
  /** What snapshots are made of, of all clusters. */
  chunks: { test: 'ForAllValues:StringLike', values: ['#chunk#*'] },
  /** Commits that wait for another writer to take them in. */
  proposals: { test: 'ForAllValues:StringLike', values: ['?*#proposals'] },
  /** What is noted of workers that failed. */
  failures: { test: 'ForAllValues:StringLike', values: ['?*#failures'] },
  /** The clusters, and where their logs are. */
  registry: { test: 'ForAllValues:StringLike', values: ['#clusters'] },
  /** The logs of those that have ended. */
  ended: { test: 'ForAllValues:StringLike', values: ['#ended'] },
} as const;

/** To find a log, and whether what it shares is there, to read and to append. That deletes no entry: only what an append that failed left behind, and what other writers have taken in. */
export const useLog = [
  on('registry', ['GetItem', 'Query']),
  on('entries', ['GetItem', 'Query', 'PutItem']),
  on('parts', ['Query', 'PutItem', 'DeleteItem']),
  on('pending', ['PutItem', 'DeleteItem']),
  on('proposals', ['Query', 'PutItem', 'DeleteItem']),
  on('snapshots', ['GetItem', 'Query']),
  on('chunks', ['GetItem']),
  on('ended', ['GetItem']),
];

/** To note that a worker failed, and that it does no more. */
export const noteFailures = [on('failures', ['GetItem', 'PutItem', 'DeleteItem'])];

/** To tell which workers failed. */
export const readFailures = [on('failures', ['Query'])];

/** To take snapshots, and to remove older ones and what dead writers left. */
export const keepSnapshots = [
  on('snapshots', ['PutItem', 'DeleteItem']),
  on('chunks', ['Query', 'PutItem', 'DeleteItem']),
  on('pending', ['Query']),
  on('late', ['Query', 'PutItem', 'DeleteItem']),
];

/** To delete what is older than clusters keep, and no other one shares; and to let a fork go of what it shares. */
export const deleteEntries = [on('entries', ['DeleteItem']), on('registry', ['PutItem'])];

/** To begin a cluster. */
export const beginClusters = [on('registry', ['PutItem', 'DeleteItem'])];

/** To end a cluster, and to remove its log, where failures are noted. */
export const endClusters = [...readFailures, on('ended', ['Query', 'PutItem', 'DeleteItem']), on('entries', ['DeleteItem']), ...keepSnapshots];

/** To find out which clusters have begun. */
export const listClusters = [on('registry', ['Query']), on('entries', ['Query'])];

function on(partition: keyof typeof partitions, actions: readonly string[]) {
  const { test, values } = partitions[partition];
  return {
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.arn],
    conditions: [
      { test, variable: 'dynamodb:LeadingKeys', values: [...values] },
      // ForAllValues holds for a request that names no partition at all (AWS IAM User Guide, "Multivalued context keys").
      { test: 'Null', variable: 'dynamodb:LeadingKeys', values: ['false'] },
    ],
  };
}
