import { age } from '../kube/duration.ts';
import { type LabelSelector, labelSelectorText } from '../kube/label-selector.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Table, TableColumn } from './strategy.ts';

/** One column of a Table; `wide` ones are shown with `-o wide` only. */
export const column = (name: string, type: TableColumn['type'], description: string, wide?: 'wide'): TableColumn => ({
  name,
  type,
  format: '',
  description,
  priority: wide ? 1 : 0,
});

/** The first column of nearly every Table. */
export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

export const ageColumn: TableColumn = column(
  'Age',
  'string',
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
);

/** The cell under `ageColumn`. */
export const ageOf = (object: KubeObject, now: number): string => age(object.metadata.creationTimestamp, now);

/** The Table of kinds that Kubernetes has no printer for: they show when they were made (rest.NewDefaultTableConvertor). */
export const createdAtTable: Table<KubeObject> = {
  columns: [nameColumn, { ...ageColumn, name: 'Created At', type: 'date' }],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ''],
};

/** What the workload kinds show of their pod template with `-o wide`. */
export const containerColumns: readonly TableColumn[] = [
  column('Containers', 'string', 'Names of each container in the template.', 'wide'),
  column('Images', 'string', 'Images referenced by each container in the template.', 'wide'),
];

/** The cells under `containerColumns`. */
export function containerCells(containers: readonly { name: string; image?: string }[] = []): [names: string, images: string] {
  return [containers.map((c) => c.name).join(','), containers.map((c) => c.image ?? '').join(',')];
}

/** A map of labels, as apimachinery's labels.FormatLabels prints it. */
export function formatLabels(labels: Record<string, string> | undefined): string {
  return selectorText(labels) || '<none>';
}

/** A label selector, as metav1.FormatLabelSelector prints it: `<none>` for one that selects everything. */
export const formatLabelSelector = (selector: LabelSelector | undefined): string => labelSelectorText(selector) || '<none>';

const selectorText = (labels: Record<string, string> = {}) =>
  Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(',');
