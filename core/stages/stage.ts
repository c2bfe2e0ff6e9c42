import { parseGoDuration } from '../kube/go-duration.ts';
import type { KubeObject } from '../kube/object.ts';
import { celSelector } from './cel-selector.ts';
import { parseQuery, type Query } from './jq.ts';
import { parseTemplate } from './template/parse.ts';
import type { Template } from './template/syntax.ts';

/** A Stage of KWOK, read: whom it selects, when it acts, and what it does (kwok.sigs.k8s.io, "Stages Configuration"). */
export interface Stage {
  readonly name: string;
  readonly object: KubeObject;
  /** `v1` and `Pod` */
  readonly apiVersion: string;
  readonly kind: string;
  readonly selects: (object: KubeObject) => boolean;
  readonly weight: (object: KubeObject) => number;
  /** The bounds of the delay in ms, the same where nothing is left to chance. */
  readonly delay: (object: KubeObject, now: number) => readonly [from: number, to: number];
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly type: 'patch'; readonly template: Template; readonly root: string; readonly subresource: string; readonly as: PatchType | undefined }
  | { readonly type: 'event'; readonly of: 'Normal' | 'Warning'; readonly reason: string; readonly message: Template }
  | { readonly type: 'finalizers'; readonly empties: boolean; readonly adds: readonly string[]; readonly removes: readonly string[] }
  | { readonly type: 'delete' };

export type PatchType = 'strategic' | 'merge' | 'json';

export const STAGES = 'stages.kwok.x-k8s.io';

/** Reads a Stage as KWOK's files have it, in the form of today (`steps`, `jq`) and in that of before (`next`, `key`). Throws an Error that says what is not understood. */
export function readStage(object: KubeObject): Stage {
  const { spec = {} } = object as KubeObject & { readonly spec?: StageSpec };
  const { resourceRef = {}, selector, delay = {} } = spec;
  const requirements = (selector?.matchExpressions ?? []).map(requirementOf);
  const labels = Object.entries(selector?.matchLabels ?? {});
  const annotations = Object.entries(selector?.matchAnnotations ?? {});
  const weightFrom = queryOf(spec.weightFrom);
  const durationFrom = queryOf(delay.durationFrom);
  const jitterFrom = queryOf(delay.jitterDurationFrom);
  return {
    name: object.metadata.name,
    object,
    apiVersion: resourceRef.apiGroup ?? 'v1',
    kind: resourceRef.kind ?? '',
    // Without a selector, none: so a Stage is switched off.
    selects: (candidate) =>
      selector !== undefined &&
      labels.every(([name, value]) => candidate.metadata.labels?.[name] === value) &&
      annotations.every(([name, value]) => candidate.metadata.annotations?.[name] === value) &&
      requirements.every((holds) => holds(candidate)),
    weight: (candidate) => {
      const given = Number(weightFrom?.(candidate)[0] ?? Number.NaN);
      return Number.isInteger(given) ? given : (spec.weight ?? 0);
    },
    delay: (candidate, now) => {
      const from = milliseconds(durationFrom?.(candidate)[0], now) ?? delay.durationMilliseconds ?? 0;
      const to = milliseconds(jitterFrom?.(candidate)[0], now) ?? delay.jitterDurationMilliseconds;
      // A jitter that is shorter is taken as it is.
      return to === undefined ? [from, from] : to < from ? [to, to] : [from, to];
    },
    steps: [...(spec.steps ?? []).flatMap(stepsOf), ...stepsOf(spec.next ?? {})],
  };
}

interface StageSpec {
  readonly resourceRef?: { readonly apiGroup?: string; readonly kind?: string };
  readonly selector?: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchAnnotations?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly Expression[];
  };
  readonly weight?: number;
  readonly weightFrom?: From;
  readonly delay?: {
    readonly durationMilliseconds?: number;
    readonly durationFrom?: From;
    readonly jitterDurationMilliseconds?: number;
    readonly jitterDurationFrom?: From;
  };
  readonly next?: StepSpec;
  readonly steps?: readonly StepSpec[];
}

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

interface Expression extends Requirement {
  readonly jq?: Requirement;
  readonly expression?: string;
  readonly cel?: { readonly expression?: string };
}

interface From {
  readonly expressionFrom?: string;
  readonly jq?: { readonly expression?: string };
  readonly cel?: unknown;
}

interface StepSpec {
  readonly delete?: boolean;
  readonly event?: { readonly type?: string; readonly reason?: string; readonly message?: string };
  readonly finalizers?: { readonly add?: readonly Finalizer[]; readonly remove?: readonly Finalizer[]; readonly empty?: boolean };
  readonly statusTemplate?: string;
  readonly statusSubresource?: string;
  readonly patch?: PatchSpec;
  readonly patches?: readonly PatchSpec[];
}

interface Finalizer {
  readonly value?: string;
}

interface PatchSpec {
  readonly root?: string;
  readonly subresource?: string;
  readonly template?: string;
  readonly type?: PatchType;
}

function requirementOf(expression: Expression): (object: KubeObject) => boolean {
  const cel = expression.cel?.expression ?? expression.expression;
  if (cel !== undefined) return celSelector(cel);
  const { key = '', operator, values = [] } = expression.jq ?? expression;
  const query = parseQuery(key);
  const isAmong = (found: unknown) => values.includes(String(found));
  switch (operator) {
    case 'In':
      return (object) => query(object).some(isAmong);
    case 'NotIn':
      return (object) => !query(object).some(isAmong);
    case 'Exists':
      return (object) => query(object).length > 0;
    case 'DoesNotExist':
      return (object) => query(object).length === 0;
    default:
      throw new Error(`the operator ${JSON.stringify(operator)} is not understood`);
  }
}

function queryOf(from: From | undefined): Query | undefined {
  if (from?.cel !== undefined) throw new Error('expressions of CEL are not understood');
  const expression = from?.jq?.expression ?? from?.expressionFrom;
  return expression === undefined ? undefined : parseQuery(expression);
}

/** A duration, or how long it is until a time. */
function milliseconds(value: unknown, now: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const time = /^\d{4}-/.test(value) ? Date.parse(value) - now : parseGoDuration(value);
  return time === undefined || Number.isNaN(time) ? undefined : Math.max(0, time);
}

/** In KWOK's order: finalizers and the event come before what deletes, patches last. */
function stepsOf({ delete: deletes, event, finalizers, statusTemplate, statusSubresource, patch, patches = [] }: StepSpec): Step[] {
  const names = (list: readonly Finalizer[] = []) => list.map(({ value }) => value ?? '').filter((value) => value !== '');
  const patched = [
    ...(statusTemplate ? [{ root: 'status', subresource: statusSubresource ?? 'status', template: statusTemplate }] : []),
    ...(patch ? [patch] : []),
    ...patches,
  ];
  return [
    ...(event
      ? [
          {
            type: 'event' as const,
            of: event.type === 'Warning' ? ('Warning' as const) : ('Normal' as const),
            reason: event.reason ?? '',
            message: parseTemplate(event.message ?? ''),
          },
        ]
      : []),
    ...(finalizers
      ? [{ type: 'finalizers' as const, empties: finalizers.empty ?? false, adds: names(finalizers.add), removes: names(finalizers.remove) }]
      : []),
    ...(deletes ? [{ type: 'delete' as const }] : []),
    ...patched.map(patchOf),
  ];
}

function patchOf({ root = '', subresource = '', template = '', type }: PatchSpec): Step {
  return { type: 'patch', template: parseTemplate(template), root, subresource, as: type };
}
