import { humanDuration } from '../../kube/duration.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Table } from '../strategy.ts';
import type { Cluster } from './cluster.ts';

/** What a cluster shows of itself. Of a watch, what is found out when it is read (`offset` and what follows) is not told. */
export const clusterTable: Table<Cluster> = {
  columns: [
    nameColumn,
    column('Phase', 'string', 'Ready, Resetting, Suspended, Failed or Terminating.'),
    column('Fork Of', 'string', 'The cluster whose history it has, and up to where.'),
    column('Expires', 'string', 'In how long it goes by itself.'),
    ageColumn,
    column('Offset', 'integer', 'Its newest resourceVersion.', 'wide'),
    column('Objects', 'integer', 'How many objects it has, where it is open.', 'wide'),
    column('Last Activity', 'date', 'When it was last written to.', 'wide'),
    column('Failing', 'string', 'Its reconcilers and subscriptions that fail.', 'wide'),
    column('URL', 'string', 'Where its API is.', 'wide'),
  ],
  cells: (cluster, now) => {
    const { metadata, spec, status = {} } = cluster;
    const {
      offset,
      objects,
      lastActivity,
      reconcilers = [],
      subscriptions = [],
      url,
    } = (fieldsOf(cluster)['status'] ?? {}) as {
      offset?: number;
      objects?: number;
      lastActivity?: string;
      reconcilers?: readonly Named[];
      subscriptions?: readonly Named[];
      url?: string;
    };
    const { expiresAt } = status;
    return [
      metadata.name,
      status.phase ?? '',
      spec.forkOf ? `${spec.forkOf.name}@${status.fork?.offset ?? '?'}` : '<none>',
      expiresAt === undefined ? '<never>' : humanDuration(Math.max(0, Date.parse(expiresAt) - now)),
      ageOf(cluster, now),
      offset ?? null,
      objects ?? null,
      lastActivity ?? null,
      [...reconcilers, ...subscriptions].map(pathOf).join(',') || '<none>',
      url ?? null,
    ];
  },
};

interface Named {
  readonly namespace?: string;
  readonly name: string;
}

const pathOf = ({ namespace, name }: Named): string => (namespace === undefined ? name : `${namespace}/${name}`);
