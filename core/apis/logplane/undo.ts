import { type KubeObject, same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import { ownResource } from './own-resource.ts';
import { momentSchema, type RestoredStatus, restoredStatus, restoredTable } from './restored-objects.ts';

/** Takes changes back, as one entry of the log: those in its namespace, or, of a ClusterUndo, in the whole cluster. */
export interface Undo extends KubeObject {
  readonly spec: UndoSpec;
  readonly status?: RestoredStatus;
}

/** One of `offset`, `request` and `actor`; with the last, `since`. */
export interface UndoSpec {
  readonly offset?: Offset;
  readonly request?: Offset;
  readonly actor?: string;
  readonly since?: number | string;
  readonly force?: boolean;
}

const choices = ['offset', 'request', 'actor'] as const;

const kindOf = (namespaced: boolean) =>
  ownResource<Undo>({
    plural: namespaced ? 'undos' : 'clusterundos',
    singular: namespaced ? 'undo' : 'clusterundo',
    kind: namespaced ? 'Undo' : 'ClusterUndo',
    namespaced,
    description: `${namespaced ? 'Undo takes changes of its namespace back' : 'ClusterUndo takes changes back'}, all at once: the inverse of exactly those changes. It is refused where the same fields were changed since. What controllers did because of them is left to the controllers.`,
    properties: {
      spec: {
        type: 'object',
        properties: {
          offset: { type: 'integer', format: 'int64', minimum: 1, description: 'The change that stands at this resourceVersion, alone.' },
          request: {
            type: 'integer',
            format: 'int64',
            minimum: 1,
            description: 'The change that stands at this resourceVersion, such as the record of a Transaction, and all that it caused.',
          },
          actor: { type: 'string', minLength: 1, description: 'The changes of this user since a moment, and what they caused.' },
          since: momentSchema('After which moment: a resourceVersion, an RFC 3339 time, or the name of a Bookmark.'),
          force: { type: 'boolean', description: 'Takes changes back also where the same fields were changed since.' },
        },
      },
      status: restoredStatus,
    },
    required: ['spec'],
    hasStatus: true,
    table: restoredTable,
    strategy: {
      validate: ({ spec }) => choiceErrors(spec),
      validateUpdate: ({ spec }, previous) => (same(spec, previous.spec) ? [] : [invalidValue('spec', 'undo', 'field is immutable: it was carried out')]),
    },
  });

export const undos = kindOf(true);
export const clusterUndos = kindOf(false);

function choiceErrors(spec: UndoSpec): FieldError[] {
  const named = choices.filter((name) => spec[name] !== undefined);
  if (named.length === 0) return [required('spec', `one of ${choices.join(', ')}`)];
  if (named.length > 1) return [invalidValue('spec', named.join(', '), 'must be one of them')];
  if (spec.actor !== undefined && spec.since === undefined) return [required('spec.since', 'with an actor')];
  if (spec.actor === undefined && spec.since !== undefined) return [invalidValue('spec.since', spec.since, 'may only be specified with an actor')];
  return [];
}
