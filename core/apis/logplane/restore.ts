import type { LabelSelector } from '../../kube/label-selector.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import { ownResource } from './own-resource.ts';
import { momentSchema, type RestoredStatus, restoredStatus, restoredTable } from './restored-objects.ts';

/** Brings objects to what they were at another time, as one entry of the log: those of its namespace, or, of a ClusterRestore, of the whole cluster. */
export interface Restore extends KubeObject {
  readonly spec: RestoreSpec;
  readonly status?: RestoredStatus;
}

export interface RestoreSpec {
  readonly at: number | string;
  readonly everything?: boolean;
  readonly resources?: readonly string[];
  readonly names?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly selector?: LabelSelector;
  readonly force?: boolean;
}

const list = (description: string): JSONSchemaProps => ({ type: 'array', maxItems: 1_000, items: { type: 'string', minLength: 1 }, description });

/** What a Restore of either scope may say, but for namespaces. */
const properties: Readonly<Record<string, JSONSchemaProps>> = {
  at: momentSchema('When the objects were as they are to be: a resourceVersion, an RFC 3339 time, or the name of a Bookmark.'),
  everything: { type: 'boolean', description: 'All objects, where nothing else chooses some.' },
  resources: list('Objects of these resources: deployments.apps, deployments, or deploy.'),
  names: list('Objects of these names.'),
  selector: {
    type: 'object',
    description: 'Objects that had these labels then, or have them now.',
    properties: {
      matchLabels: { type: 'object', additionalProperties: { type: 'string' } as unknown as object },
      matchExpressions: {
        type: 'array',
        items: {
          type: 'object',
          required: ['key', 'operator'],
          properties: { key: { type: 'string' }, operator: { type: 'string' }, values: { type: 'array', items: { type: 'string' } } },
        },
      },
    },
  },
  force: { type: 'boolean', description: 'Takes what belongs to other field managers and owners, where it is refused otherwise.' },
};

const meaning =
  'Objects are created anew, with another uid, where they are gone; changed back, but for their status; and removed where they were not there. What a controller owns that is restored too is left to that controller.';

const kindOf = (namespaced: boolean) =>
  ownResource<Restore>({
    plural: namespaced ? 'restores' : 'clusterrestores',
    singular: namespaced ? 'restore' : 'clusterrestore',
    kind: namespaced ? 'Restore' : 'ClusterRestore',
    namespaced,
    description: `${namespaced ? 'Restore brings objects of its namespace' : 'ClusterRestore brings objects of the cluster'} to what they were at another time, all at once. ${meaning}`,
    properties: {
      spec: {
        type: 'object',
        required: ['at'],
        properties: { ...properties, ...(!namespaced && { namespaces: list('Objects in these namespaces, and the namespaces themselves.') }) },
      },
      status: restoredStatus,
    },
    required: ['spec'],
    hasStatus: true,
    table: restoredTable,
    strategy: {
      validate: ({ spec }) => selectionErrors(spec),
      validateUpdate: ({ spec }, previous) => (same(spec, previous.spec) ? [] : [invalidValue('spec', 'restore', 'field is immutable: it was carried out')]),
    },
  });

export const restores = kindOf(true);
export const clusterRestores = kindOf(false);

/** Nothing is everything only where that is said: what is left out by mistake would overwrite a cluster. */
function selectionErrors({ everything, resources, names, namespaces, selector }: RestoreSpec): FieldError[] {
  const chooses = [resources, names, namespaces, selector].some((choice) => choice !== undefined);
  if (!everything && !chooses) return [required('spec', 'resources, names, namespaces, a selector, or everything: true')];
  if (everything && chooses) return [invalidValue('spec.everything', true, 'may not be specified when something else chooses objects')];
  return validateLabelSelector(selector as Parameters<typeof validateLabelSelector>[0], 'spec.selector');
}
