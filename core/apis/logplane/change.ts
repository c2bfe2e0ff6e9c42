import type { KubeObject } from '../../kube/object.ts';
import type { User } from '../../kube/user.ts';
import type { FieldManager, Offset, PlacementReasons } from '../../log/event.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { Difference } from '../../state/differences.ts';
import type { ApiResource } from '../api-resource.ts';
import type { Table } from '../strategy.ts';
import { ownResource } from './own-resource.ts';

/** One change of one object, as the log has it. It is named by its offset, is in the namespace of the object, and has its labels. Nothing of it is kept but the log. */
export interface ChangeObject extends KubeObject, ChangeHead {
  readonly manager?: FieldManager;
  /** Where it stands. */
  readonly entry?: { readonly offset: Offset; readonly events: number };
  /** What differs from the object before it; none where the reader may not get the object. */
  readonly differences?: readonly Difference[];
  /** What it answers to, and what that answers to, down to the request that began it. */
  readonly causes?: readonly Cause[];
  /** Of a binding, why the pod was put there. */
  readonly placement?: Placement;
}

/** Which change it is, in short. */
export interface ChangeHead {
  readonly offset: Offset;
  /** RFC 3339 with microseconds. */
  readonly time: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ChangedObject;
  readonly actor: User;
  /** The fields that changed, in short. */
  readonly what: string;
  readonly cause?: Offset;
}

/** One link of the chain, in a few words; of one that the reader may not read, and of one that is no longer kept, the offset alone. */
export interface Cause extends Partial<Pick<ChangeHead, 'time' | 'type' | 'what'>> {
  readonly offset: Offset;
  /** `deployment.apps/web` */
  readonly object?: string;
  readonly namespace?: string;
  /** The name of the user. */
  readonly actor?: string;
}

export interface ChangedObject {
  /** `deployments.apps` */
  readonly resource: string;
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

export interface Placement {
  readonly filtered?: readonly { readonly plugin: string; readonly reason: string; readonly nodes: number; readonly names: readonly string[] }[];
  readonly best?: readonly { readonly node: string; readonly score: number }[];
}

/** As a binding has it in the log, for readers. */
export const placementOf = ({ filtered, best }: PlacementReasons): Placement => ({
  ...(filtered && { filtered: filtered.map(([plugin, reason, nodes, ...names]) => ({ plugin, reason, nodes, names })) }),
  ...(best && { best: best.map(([node, score]) => ({ node, score })) }),
});

const text = (description: string): JSONSchemaProps => ({ type: 'string', description });
const offset = (description: string): JSONSchemaProps => ({ type: 'integer', format: 'int64', description });
const list = (description: string, properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({
  type: 'array',
  description,
  items: { type: 'object', properties },
});
const anything = (description: string): JSONSchemaProps => ({ description, 'x-kubernetes-preserve-unknown-fields': true });
const texts = (description: string): JSONSchemaProps => ({ type: 'array', description, items: { type: 'string' } });

const object: JSONSchemaProps = {
  type: 'object',
  description: 'The object that changed.',
  properties: {
    resource: text('The resource and its group: deployments.apps.'),
    apiVersion: text('The version in which it is stored.'),
    kind: text('Its kind.'),
    namespace: text('Its namespace; none: it is in none.'),
    name: text('Its name.'),
    uid: text('Its uid: another object may have had the name before.'),
  },
};

const actor: JSONSchemaProps = {
  type: 'object',
  description: 'The user who made the change.',
  properties: {
    username: text('The name of the user.'),
    uid: text('What tells the user from others who had the name.'),
    groups: texts('The groups that the user was in.'),
    extra: anything('What else was known of the user.'),
  },
};

const head: Record<string, JSONSchemaProps> = {
  offset: offset('Where the change stands in the log: the resourceVersion of the object after it.'),
  time: { type: 'string', format: 'date-time', description: 'When it was written.' },
  type: text('ADDED, MODIFIED or DELETED.'),
  object,
  actor,
  what: text('The fields that changed, in short.'),
  cause: offset('The offset of the change that this one answers to, when a controller made it.'),
};

/** `deployment.apps/web`, as kubectl names what it has written. */
export const nameOfChanged = ({ resource, kind, apiVersion = '', name }: ChangedObject): string => {
  const [group = '', version] = apiVersion.split('/');
  return `${kind ? `${kind.toLowerCase()}${version === undefined ? '' : `.${group}`}` : resource}/${name}`;
};

const columns: Table<ChangeObject>['columns'] = [
  { name: 'Offset', type: 'string', format: 'name', description: 'Where it stands in the log.', priority: 0 },
  { name: 'Time', type: 'string', format: '', description: 'When it was written.', priority: 0 },
  { name: 'Type', type: 'string', format: '', description: 'ADDED, MODIFIED or DELETED.', priority: 0 },
  { name: 'Object', type: 'string', format: '', description: 'The object that changed.', priority: 0 },
  { name: 'Actor', type: 'string', format: '', description: 'The user who made the change.', priority: 0 },
  { name: 'What', type: 'string', format: '', description: 'The fields that changed.', priority: 0 },
  { name: 'Cause', type: 'string', format: '', description: 'The change that this one answers to.', priority: 0 },
  { name: 'Manager', type: 'string', format: '', description: 'The field manager that made it.', priority: 1 },
  { name: 'Groups', type: 'string', format: '', description: 'The groups of the user.', priority: 1 },
];

const served = ownResource<ChangeObject>({
  plural: 'changes',
  singular: 'change',
  kind: 'Change',
  namespaced: true,
  virtual: true,
  verbs: ['get', 'list', 'watch'],
  description: 'Change is one change of one object, as the log has it. It is named by its offset, and stands in the namespace of the object.',
  properties: {
    ...head,
    manager: {
      type: 'object',
      description: 'The field manager that made the change; none: the server did.',
      properties: {
        name: text('Its name.'),
        operation: text('Apply, where it was one.'),
        apiVersion: text('The version in which it wrote, where that is not the one that is stored.'),
        subresource: text('The subresource that it wrote.'),
      },
    },
    entry: {
      type: 'object',
      description: 'The entry in which the change stands: what is in one entry happened at once.',
      properties: { offset: offset('The offset of its first change.'), events: offset('How many changes it has.') },
    },
    differences: list('What differs from the object before the change; left out where the reader may not get the object.', {
      path: text('The field, or all that stands below one that was not there before, or is there no more.'),
      from: anything('What it was.'),
      to: anything('What it is.'),
    }),
    causes: list('What the change answers to, and what that answers to, down to the request that began it.', {
      offset: offset('Where it stands in the log.'),
      time: head['time']!,
      type: head['type']!,
      object: text('The kind and the name of the object that changed.'),
      namespace: text('Its namespace; none: it is in none.'),
      actor: text('The name of the user who made it.'),
      what: head['what']!,
    }),
    placement: {
      type: 'object',
      description: 'Of a binding, why the pod was put on its node.',
      properties: {
        filtered: list('The nodes that were not to be had.', {
          plugin: text('The plugin that rejected them.'),
          reason: text('Why.'),
          nodes: offset('How many there were.'),
          names: texts('The first of them.'),
        }),
        best: list('The best of the others; the first is that of the pod.', { node: text('The name of the node.'), score: offset('Its score.') }),
      },
    },
  },
  table: {
    columns,
    cells: (change) => [
      change.metadata.name,
      change.time.slice(0, 19).concat('Z'),
      change.type,
      nameOfChanged(change.object),
      change.actor.username,
      change.what || '',
      change.cause === undefined ? '' : String(change.cause),
      change.manager?.name ?? '',
      change.actor.groups.join(','),
    ],
  },
});

const selectable: Readonly<Record<string, (change: ChangeObject) => string>> = {
  resource: (change) => change.object.resource,
  namespace: (change) => change.object.namespace ?? '',
  name: (change) => change.object.name,
  actor: (change) => change.actor.username,
  type: (change) => change.type,
  cause: (change) => String(change.cause ?? ''),
  // These say where a list begins and ends, and in which order it is: api/changes/selection.ts.
  from: () => '',
  to: () => '',
  order: () => '',
};

/** By these names changes are selected: short, as people type them. */
export const changes: ApiResource = { ...served, versions: served.versions.map((version) => ({ ...version, selectableFields: selectable })) };
