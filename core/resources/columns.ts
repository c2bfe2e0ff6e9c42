import type { KubeObject } from '../object.ts';
import { age } from './duration.ts';
import type { TableColumn } from './strategy.ts';

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

interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** A label selector, as metav1.FormatLabelSelector prints it: `<none>` for one that selects everything. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  return labelSelectorText(selector) || '<none>';
}

/**
 * A label selector in the syntax of the `labelSelector` parameter: `app=web,tier in (a,b)`, its requirements ordered by key
 * (labels.Selector.String; `status.selector` of a Scale is this). Empty for one that selects everything.
 */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  if (!selector) return '';
  const requirements = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector.matchExpressions ?? []).map((expression) => ({ key: expression.key, text: requirementText(expression) })),
  ];
  return requirements
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

function requirementText({ key, operator, values = [] }: { key: string; operator: string; values?: readonly string[] }): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'NotIn':
      return `${key} notin (${[...values].sort().join(',')})`;
    default:
      return `${key} in (${[...values].sort().join(',')})`;
  }
}

const selectorText = (labels: Record<string, string> = {}) =>
  Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(',');
