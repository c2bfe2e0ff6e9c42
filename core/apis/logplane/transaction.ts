import { type KubeObject, same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { ownResource } from './own-resource.ts';
import { requestSchema } from './restored-objects.ts';

/**
 * Many writes as one: each goes through what it would go through alone, on what the ones before it left, and all of them are one entry of the log, or none is
 * written. Which of them may be made is asked for each; the namespace of the Transaction says only where the record of it is kept.
 */
export interface Transaction extends KubeObject {
  readonly spec: { readonly steps: readonly Step[] };
  readonly status?: TransactionStatus;
}

interface TransactionStatus {
  /** Where the record stands: all that its steps changed was caused by that. None of a dry run. */
  readonly request?: Offset;
  readonly steps: readonly StepResult[];
}

/** One of `operations`, and what must be so before it. */
export interface Step {
  readonly create?: OfObject;
  readonly update?: OfObject;
  readonly apply?: OfObject & { readonly force?: boolean };
  readonly patch?: OfTarget & { readonly type: PatchForm; readonly patch?: unknown; readonly fieldManager?: string };
  readonly delete?: OfTarget & { readonly propagationPolicy?: string; readonly gracePeriodSeconds?: number };
  readonly precondition?: Precondition;
}

interface OfObject {
  readonly object: KubeObject;
  readonly fieldManager?: string;
}

interface OfTarget {
  readonly target: StepTarget;
}

export interface StepTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export type PatchForm = 'json' | 'merge' | 'strategic';

export interface Precondition {
  readonly existence?: 'Absent' | 'Present';
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** What a step came to. */
export interface StepResult {
  readonly operation: Operation;
  /** As in `deployments.apps`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
  /** None of what is gone, or would have been written. */
  readonly resourceVersion?: string;
}

export const operations = ['create', 'update', 'apply', 'patch', 'delete'] as const;
export type Operation = (typeof operations)[number];

/** The one operation of a step. */
export const operationOf = (step: Step): Operation => operations.find((name) => step[name] !== undefined)!;

const text: JSONSchemaProps = { type: 'string' };
const name: JSONSchemaProps = { type: 'string', minLength: 1 };
const fieldManager: JSONSchemaProps = { type: 'string', description: 'As which field manager; that of the Transaction, unless told.' };
const object: JSONSchemaProps = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  description:
    "The object, of any kind that is served then; in the Transaction's namespace, unless it says otherwise. The record keeps its type and name alone.",
  required: ['apiVersion', 'kind', 'metadata'],
  properties: { apiVersion: name, kind: name, metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
};
const target: JSONSchemaProps = {
  type: 'object',
  description: "Which object; in the Transaction's namespace, unless it says otherwise.",
  required: ['apiVersion', 'kind', 'name'],
  properties: { apiVersion: name, kind: name, namespace: name, name },
};

const step: JSONSchemaProps = {
  type: 'object',
  description: 'One request: exactly one of create, update, apply, patch and delete.',
  properties: {
    create: { type: 'object', description: 'A new object.', required: ['object'], properties: { object, fieldManager } },
    update: { type: 'object', description: 'An object as it should be.', required: ['object'], properties: { object, fieldManager } },
    apply: {
      type: 'object',
      description: 'A configuration, as of a server-side apply.',
      required: ['object'],
      properties: { object, fieldManager, force: { type: 'boolean', description: 'Takes over what belongs to other field managers.' } },
    },
    patch: {
      type: 'object',
      description: 'Changes to an object.',
      required: ['target', 'type'],
      properties: {
        target,
        type: { type: 'string', enum: ['json', 'merge', 'strategic'], description: 'Of which form the patch is.' },
        patch: { 'x-kubernetes-preserve-unknown-fields': true, description: 'The patch: of the form json a list of operations. The record does not keep it.' },
        fieldManager,
      },
    },
    delete: {
      type: 'object',
      description: 'The end of an object.',
      required: ['target'],
      properties: {
        target,
        propagationPolicy: { type: 'string', enum: ['Background', 'Foreground', 'Orphan'], description: 'What becomes of its dependents.' },
        gracePeriodSeconds: { type: 'integer', format: 'int64', minimum: 0 },
      },
    },
    precondition: {
      type: 'object',
      description: 'What must be so when the step comes, or the Transaction is refused.',
      properties: {
        existence: { type: 'string', enum: ['Absent', 'Present'], description: 'Whether the object is there.' },
        resourceVersion: { type: 'string', description: 'Which version of it.' },
        uid: { type: 'string', description: 'Which object of its name.' },
      },
    },
  },
};

/** What a Transaction may have at most. What its steps change must fit into one entry of the log besides. */
export const MAX_STEPS = 1_000;

export const transactions = ownResource<Transaction>({
  plural: 'transactions',
  singular: 'transaction',
  kind: 'Transaction',
  namespaced: true,
  description:
    'Transaction makes many changes at once: its steps are one entry of the log, or it is refused and nothing is written. Each step is authorized and admitted as the request alone would be, on what the steps before it left.',
  properties: {
    spec: {
      type: 'object',
      required: ['steps'],
      properties: { steps: { type: 'array', minItems: 1, maxItems: MAX_STEPS, items: step, description: 'In their order.' } },
    },
    status: {
      type: 'object',
      properties: {
        request: requestSchema,
        steps: {
          type: 'array',
          description: 'What each step came to.',
          items: {
            type: 'object',
            required: ['operation', 'resource', 'name'],
            properties: { operation: text, resource: text, namespace: text, name: text, resourceVersion: text },
          },
        },
      },
    },
  },
  required: ['spec'],
  hasStatus: true,
  table: {
    columns: [nameColumn, column('Steps', 'integer', 'How many changes it made.'), ageColumn],
    cells: (transaction, now) => [transaction.metadata.name, transaction.spec.steps.length, ageOf(transaction, now)],
  },
  strategy: {
    validate: ({ spec: { steps } }) => steps.flatMap((step, i) => stepErrors(step, `spec.steps[${i}]`)),
    validateUpdate: ({ spec }, previous) => (same(spec, previous.spec) ? [] : [invalidValue('spec', 'steps', 'field is immutable: it was carried out')]),
  },
});

function stepErrors(step: Step, path: string): FieldError[] {
  const named = operations.filter((name) => step[name] !== undefined);
  if (named.length === 0) return [required(path, `one of ${operations.join(', ')}`)];
  if (named.length > 1) return [invalidValue(path, named.join(', '), 'must be one operation')];
  const { existence, resourceVersion, uid } = step.precondition ?? {};
  if (existence === 'Absent' && (resourceVersion || uid))
    return [invalidValue(`${path}.precondition`, existence, 'what is absent has no resourceVersion or uid')];
  return [];
}

/** What is kept of a step: with which object it did what. The rest is in the log, where those read it who may read the object. */
export function record(step: Step): Step {
  const { create, update, apply, patch } = step;
  return {
    ...step,
    ...(create && { create: { ...create, object: headOf(create.object) } }),
    ...(update && { update: { ...update, object: headOf(update.object) } }),
    ...(apply && { apply: { ...apply, object: headOf(apply.object) } }),
    ...(patch && { patch: withoutPatch(patch) }),
  };
}

function withoutPatch({ patch: _, ...rest }: NonNullable<Step['patch']>): NonNullable<Step['patch']> {
  return rest;
}

function headOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { namespace, name, generateName } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { ...(namespace && { namespace }), ...(name && { name }), ...(generateName && { generateName }) } as KubeObject['metadata'],
  };
}
