import { useMemo } from 'preact/hooks';
import { clusterName, loading, objects, unreadable, version } from '../../model/cluster.ts';
import { nodeRows } from '../../model/node-rows.ts';
import { resourceNames } from '../../model/resources.ts';
import { troublesIn } from '../../model/troubles.ts';
import { workloadRows } from '../../model/workloads.ts';
import { Unreadable } from '../../parts/unreadable.tsx';
import { Events } from './events.tsx';
import { Figures } from './figures.tsx';
import { Nodes } from './nodes.tsx';
import { Troubles } from './troubles.tsx';
import { Workloads } from './workloads.tsx';

/** The cluster at the moment that is looked at. */
export function Now() {
  const shown = version.value;
  const pods = objects('pods');
  const nodes = objects('nodes');
  const rows = useMemo(
    () =>
      workloadRows({
        pods,
        deployments: objects('deployments'),
        replicasets: objects('replicasets'),
        statefulsets: objects('statefulsets'),
        daemonsets: objects('daemonsets'),
        jobs: objects('jobs'),
        cronjobs: objects('cronjobs'),
      }),
    [shown, clusterName.value],
  );
  const machines = useMemo(() => nodeRows(nodes, pods), [shown, clusterName.value]);
  const troubles = useMemo(() => troublesIn({ rows, nodes, claims: objects('persistentvolumeclaims') }), [rows]);
  if (nodes.size === 0 && pods.size === 0 && loading.value) return <output class="quiet">{loading.value} …</output>;
  if (unreadable.value.length === resourceNames.length)
    return (
      <>
        <h1>Cluster {clusterName.value}</h1>
        <Unreadable />
      </>
    );
  return (
    <div class="now">
      <h1 class="unseen">Cluster {clusterName.value}</h1>
      <Unreadable />
      <Figures rows={rows} machines={machines} pods={pods} />
      <Troubles troubles={troubles} />
      <Workloads rows={rows} />
      <Events />
      <Nodes machines={machines} pods={pods} />
    </div>
  );
}
