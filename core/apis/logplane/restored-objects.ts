import type { KubeObject } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Table } from '../strategy.ts';

/** What a Restore and an Undo tell of what they did; the record of both is the same. */
export interface RestoredStatus {
  /** The newest offset that it has seen: what was changed after it, it has not undone. */
  readonly offset: Offset;
  /** Where the record stands: all that it changed was caused by that. None of a dry run. */
  readonly request?: Offset;
  readonly created: number;
  readonly changed: number;
  readonly removed: number;
  readonly objects: readonly RestoredObject[];
  readonly skipped?: readonly SkippedObject[];
}

interface ObjectName {
  /** As in `deployments.apps`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface RestoredObject extends ObjectName {
  readonly operation: 'Create' | 'Update' | 'Delete';
  /** Of an update, the paths of what was changed. */
  readonly fields?: readonly string[];
  readonly resourceVersion?: string;
}

export interface SkippedObject extends ObjectName {
  readonly reason: string;
}

const text: JSONSchemaProps = { type: 'string' };
const count: JSONSchemaProps = { type: 'integer', format: 'int64' };
const ofObject = { resource: text, namespace: text, name: text };

export const requestSchema: JSONSchemaProps = { ...count, description: 'The resourceVersion by which an Undo takes all of it back (spec.request).' };

export const restoredStatus: JSONSchemaProps = {
  type: 'object',
  properties: {
    offset: { ...count, description: 'The resourceVersion up to which it has seen what was changed.' },
    request: requestSchema,
    created: { ...count, description: 'How many objects are there again.' },
    changed: { ...count, description: 'How many objects were changed back.' },
    removed: { ...count, description: 'How many objects were removed.' },
    objects: {
      type: 'array',
      description: 'What became of which object.',
      items: {
        type: 'object',
        required: ['operation', 'resource', 'name'],
        properties: { operation: text, ...ofObject, fields: { type: 'array', items: text }, resourceVersion: text },
      },
    },
    skipped: {
      type: 'array',
      description: 'What was left as it is, and why.',
      items: { type: 'object', required: ['resource', 'name', 'reason'], properties: { ...ofObject, reason: text } },
    },
  },
};

export const restoredTable: Table<KubeObject & { readonly status?: RestoredStatus }> = {
  columns: [
    nameColumn,
    column('Created', 'integer', 'How many objects are there again.'),
    column('Changed', 'integer', 'How many objects were changed back.'),
    column('Removed', 'integer', 'How many objects were removed.'),
    ageColumn,
  ],
  cells: (object, now) => {
    const { created = 0, changed = 0, removed = 0 } = object.status ?? {};
    return [object.metadata.name, created, changed, removed, ageOf(object, now)];
  },
};

/** An offset, an RFC 3339 time, or the name of a Bookmark. */
export const momentSchema = (description: string): JSONSchemaProps => ({ 'x-kubernetes-int-or-string': true, description });
