import type { KubeObject } from '../../kube/object.ts';
import { formatQuantity, parseQuantity } from '../../kube/quantity.ts';
import { column, nameColumn } from '../columns.ts';
import type { Table, TableColumn } from '../strategy.ts';

/** What metrics-server tells of a pod (k8s.io/metrics/pkg/apis/metrics/v1beta1). It is measured when it is asked for. */
export interface PodMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: ResourceList }[];
}

/** The same of a node. */
export interface NodeMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: ResourceList;
}

export type ResourceList = Readonly<Record<string, string>>;

const columns: readonly TableColumn[] = [
  { ...nameColumn, description: 'Name of the resource' },
  { ...column('cpu', 'string', ''), format: 'quantity' },
  { ...column('memory', 'string', ''), format: 'quantity' },
  { ...column('Window', 'string', ''), format: 'duration' },
];

/** `kubectl get pods.metrics.k8s.io` (metrics-server's pkg/api/table.go). */
export const podMetricsTable: Table<PodMetrics> = {
  columns,
  cells: ({ metadata, containers, window }) => {
    const total = (resource: string) => sumOf(containers.map(({ usage }) => usage[resource]!));
    return [metadata.name, total('cpu'), total('memory'), window];
  },
};

export const nodeMetricsTable: Table<NodeMetrics> = {
  columns,
  cells: ({ metadata, usage, window }) => [metadata.name, usage['cpu']!, usage['memory']!, window],
};

function sumOf(quantities: readonly string[]): string {
  const parsed = quantities.map(parseQuantity);
  return formatQuantity({ nanos: parsed.reduce((sum, { nanos }) => sum + nanos, 0n), format: parsed[0]?.format ?? 'DecimalSI' });
}
