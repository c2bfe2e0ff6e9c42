import type { Fields } from '../../kube/fields.ts';
import { parseGoDuration } from '../../kube/go-duration.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, required } from '../../kube/validation/field.ts';
import { ownResource } from './own-resource.ts';
import { planStatus } from './plan-status.ts';

/** What would happen if some manifests were applied, or something else came to pass. It is answered when it is created, and not kept. */
export interface Plan extends KubeObject {
  readonly spec: PlanSpec;
}

export interface PlanSpec {
  /** Objects, or YAML of objects. */
  readonly manifests?: readonly (Fields | string)[];
  readonly changes?: readonly PlanChange[];
  readonly until: string;
  readonly seed: number;
  /** RFC 3339. */
  readonly startTime?: string;
  readonly force?: boolean;
  readonly namespace?: string;
  readonly webhooks: 'Never' | 'IfSafe';
  /** Which Events are told; none, unless it says so. */
  readonly events?: 'None' | 'Warning' | 'All';
}

/** What else is to come to pass, and when. */
export type PlanChange = { readonly after?: string } & (
  | { readonly type: 'Remove' | 'Cordon' | 'Drain' | 'Fail'; readonly nodes?: readonly string[]; readonly zone?: string }
  | { readonly type: 'Usage'; readonly target: UsageTarget; readonly usage: Readonly<Record<string, string>> }
);

export interface UsageTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export const READY = 'ready';

export const plans = ownResource<Plan>({
  plural: 'plans',
  singular: 'plan',
  kind: 'Plan',
  namespaced: false,
  description:
    'Plan asks what would happen if manifests were applied, or something else came to pass: all of the cluster works on a draft of its state, in virtual time. Nothing is written, and the Plan is not kept: its status is in the answer to its creation.',
  virtual: true,
  verbs: ['create'],
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      properties: {
        manifests: {
          type: 'array',
          maxItems: 10_000,
          items: { 'x-kubernetes-preserve-unknown-fields': true },
          description:
            'What is applied: objects, or texts of YAML. Each is applied server-side, as the user who creates the Plan. One that is refused is told of, and the others are applied.',
        },
        changes: {
          type: 'array',
          maxItems: 1_000,
          items: {
            type: 'object',
            required: ['type'],
            properties: {
              type: {
                type: 'string',
                enum: ['Remove', 'Cordon', 'Drain', 'Fail', 'Usage'],
                description:
                  'Remove deletes nodes, Cordon makes them unschedulable, Drain evicts their pods as well, as far as disruption budgets allow it, and Fail has their machines lost. Usage sets what a workload uses.',
              },
              after: { type: 'string', description: 'How long after the beginning, such as 10m. Defaults to at once.' },
              nodes: { type: 'array', maxItems: 10_000, items: { type: 'string' }, description: 'Which nodes, by name.' },
              zone: { type: 'string', description: 'The nodes with this value of the label topology.kubernetes.io/zone.' },
              target: {
                type: 'object',
                required: ['apiVersion', 'kind', 'name'],
                properties: {
                  apiVersion: { type: 'string' },
                  kind: { type: 'string' },
                  namespace: { type: 'string', description: 'Defaults to default.' },
                  name: { type: 'string' },
                },
                description: 'Of Usage: the workload.',
              },
              usage: {
                type: 'object',
                additionalProperties: { type: 'string' },
                description:
                  'Of Usage: what of cpu, or of another metric, the ready pods of the workload share from then on, and how much memory each of them uses. Each is a quantity, or points of time with straight lines between them.',
              },
            },
          },
          description: 'What else comes to pass.',
        },
        until: {
          type: 'string',
          default: READY,
          description:
            'How far the plan looks: a duration such as 10m or 24h, or ready, until all that is applied, and all that was ready before, is ready or cannot become so.',
        },
        seed: { type: 'integer', format: 'int64', minimum: 0, maximum: 0xffff_ffff, default: 1, description: 'Of chance, and of the names that are drawn.' },
        startTime: {
          type: 'string',
          format: 'date-time',
          description:
            'When it is at the beginning, not before the last change of the cluster. Defaults to now. The same plan of the same state from the same time on comes to the same.',
        },
        force: { type: 'boolean', description: 'Whether fields of other managers are taken over, which is a conflict otherwise.' },
        namespace: { type: 'string', description: 'Of manifests that are to have one, and do not name it. Defaults to default.' },
        webhooks: {
          type: 'string',
          enum: ['Never', 'IfSafe'],
          default: 'Never',
          description:
            'Whether admission webhooks are asked that have no side effects, or none on dry run. Those that are not asked are taken to admit everything, and are named.',
        },
        events: {
          type: 'string',
          enum: ['None', 'Warning', 'All'],
          default: 'None',
          description: 'Which of the Events that are written on the way are told in the status.',
        },
      },
    },
    status: planStatus,
  },
  strategy: { validate: ({ spec }) => errorsOf(spec) },
});

function errorsOf({ until, changes = [], manifests = [] }: PlanSpec): FieldError[] {
  const ms = parseGoDuration(until);
  return [
    ...(until === READY || (ms !== undefined && ms > 0 && ms <= MAX_HORIZON)
      ? []
      : [invalidValue('spec.until', until, 'must be ready, or a duration of more than none and at most 2160h')]),
    ...manifests.flatMap((manifest, i) =>
      isManifest(manifest) ? [] : [invalidValue(`spec.manifests[${i}]`, manifest, 'must be an object, or a text of YAML')],
    ),
    ...changes.flatMap((change, i) => changeErrors(change, `spec.changes[${i}]`)),
  ];
}

/** 90 days. */
const MAX_HORIZON = 2_160 * 3_600_000;

const isManifest = (manifest: unknown): boolean =>
  typeof manifest === 'string' || (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest));

function changeErrors({ after, ...change }: PlanChange, path: string): FieldError[] {
  const ms = after === undefined ? 0 : parseGoDuration(after);
  const errors = ms !== undefined && ms >= 0 && ms <= MAX_HORIZON ? [] : [invalidValue(`${path}.after`, after, 'must be a duration of at most 2160h')];
  const has = (field: string) => Object.hasOwn(change, field);
  const only = (fields: readonly string[], what: string) =>
    fields.filter(has).map((field) => forbiddenField(`${path}.${field}`, `may not be specified when \`type\` is ${what}`));
  if (change.type === 'Usage') {
    const missing = ['target', 'usage'].filter((field) => !has(field)).map((field) => required(`${path}.${field}`, "must be specified when `type` is 'Usage'"));
    return [...errors, ...missing, ...only(['nodes', 'zone'], "'Usage'")];
  }
  const of = [has('nodes'), has('zone')].filter(Boolean).length;
  const which = of === 1 ? [] : [invalidValue(path, change.type, 'exactly one of `nodes` and `zone` must be specified')];
  return [...errors, ...which, ...only(['target', 'usage'], `'${change.type}'`)];
}
