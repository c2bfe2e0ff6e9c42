import type { ApiResource } from '../apis/api-resource.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldError, invalid } from '../kube/status.ts';
import { validateObjectMeta } from '../kube/validation/metadata.ts';
import type { Asking } from './decision.ts';
import type { Draft } from './draft.ts';

/** One step of a decision: adds its own to the draft, or throws the Status that refuses it. */
export type Stage<O extends KubeObject | undefined = KubeObject> = (draft: Draft<O>) => void;

/** Takes a draft through stages. What was asked ends it; undefined: nothing was. */
export function through<O extends KubeObject | undefined>(stages: readonly Stage<O>[], draft: Draft<O>): Asking | undefined {
  for (const stage of stages) {
    stage(draft);
    if (draft.asks.length > 0) return { asks: draft.asks };
  }
  return undefined;
}

/** The defaults of the kind. A plugin may have put in what has some too, so that they come twice. */
export const defaults: Stage = ({ resource: { strategy }, object }) => strategy.defaults?.(object);

/** Mutating admission. */
export function mutate(draft: Draft<KubeObject | undefined>): void {
  for (const plugin of draft.plugins) {
    plugin.mutate?.(draft);
    if (draft.asks.length > 0) return;
  }
}

/** Validating admission. */
export function admit(draft: Draft<KubeObject | undefined>): void {
  for (const plugin of draft.plugins) {
    plugin.validate?.(draft);
    if (draft.asks.length > 0) return;
  }
}

/** Throws 422 when there is anything wrong. */
export function refuse({ group, kind }: ApiResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group, kind }, object.metadata.name ?? '', errors);
}

export const metadataErrors = ({ namespaced, strategy, custom }: ApiResource, object: KubeObject): FieldError[] =>
  validateObjectMeta(object, {
    namespaced,
    nameFormat: strategy.nameFormat ?? 'subdomain',
    qualifiedFinalizers: !custom && strategy.qualifiedFinalizers !== false,
  });
