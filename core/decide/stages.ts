import type { MutatingReview } from '../admission/plugin.ts';
import type { ApiResource } from '../apis/api-resource.ts';
import { scaleOf } from '../apis/scale.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldError, invalid, StatusError } from '../kube/status.ts';
import { validateObjectMeta, validateStandardFinalizers } from '../kube/validation/metadata.ts';
import type { Scale } from '../schema/generated/kinds.ts';
import type { Asking } from './decision.ts';
import type { Draft } from './draft.ts';

/** One step of a decision: adds its own to the draft, or throws the Status that refuses it. */
export type Stage<O extends KubeObject | undefined = KubeObject> = (draft: Draft<O>) => void;

/** Takes a draft through stages. What was asked ends it; undefined: nothing was. */
export function through<O extends KubeObject | undefined>(stages: readonly Stage<O>[], draft: Draft<O>): Asking | undefined {
  for (const stage of stages) {
    try {
      stage(draft);
    } catch (error) {
      if (error instanceof StatusError) error.warnings = draft.warnings;
      throw error;
    }
    if (draft.asks.length > 0) return { asks: draft.asks };
  }
  return undefined;
}

/** The defaults of the kind. A plugin may have put in what has some too, so that they come twice. */
export const defaults: Stage = ({ resource: { strategy }, object }) => strategy.defaults?.(object);

/** Mutating admission: a second turn for all plugins when one has asked for it (apiserver's pkg/admission/reinvocation.go). */
export function mutate(draft: Draft<KubeObject | undefined>): void {
  const review = reviewOf(draft);
  const { reinvocation, asks } = draft;
  mutateOnce(review, draft);
  if (reinvocation.isRequested && asks.length === 0) {
    reinvocation.isReinvoke = true;
    mutateOnce(review, draft);
  }
  // Of a scale only the replicas are taken.
  if (draft.scale) draft.object = draft.scale.withReplicas(draft.object!, (review.object as Scale).spec?.replicas ?? 0);
}

function mutateOnce(review: MutatingReview, { plugins, asks }: Draft<KubeObject | undefined>): void {
  for (const plugin of plugins) {
    plugin.mutate?.(review);
    if (asks.length > 0) return;
  }
}

/** Validating admission. */
export function admit(draft: Draft<KubeObject | undefined>): void {
  draft.warningsBeforeJudging = draft.warnings.length;
  const review = reviewOf(draft);
  for (const plugin of draft.plugins) {
    plugin.validate?.(review);
    if (draft.asks.length > 0) return;
  }
}

/** What plugins are shown: of a write to the scale of an object, that (pkg/registry/apps/deployment/storage, ScaleREST). */
function reviewOf(draft: Draft<KubeObject | undefined>): MutatingReview {
  const { scale, object, old } = draft;
  return scale ? { ...draft, managedFields: draft.managedFields, subresource: 'scale', object: scaleOf(object!, scale), old: scaleOf(old!, scale) } : draft;
}

/** Throws 422 when there is anything wrong. It is told of the type that is stored, in the group of that. */
export function refuse({ kind, storedAs, resource, custom }: ApiResource, object: KubeObject, errors: readonly FieldError[]): void {
  const group = storedAs.slice(resource.length + 1);
  // A custom object may be of another kind: that is wrong with it.
  if (errors.length > 0) throw invalid({ group, kind: custom ? object.kind : kind }, object.metadata.name ?? '', errors);
}

/** What the kind's own rules for metadata say of an object. */
export function ownMetadataErrors(resource: ApiResource, object: KubeObject, previous?: KubeObject): FieldError[] {
  const { namespaced, strategy } = resource;
  const { metadataRules, nameFormat, anyGenerateName } = strategy;
  if (metadataRules === 'generic') return [];
  const nameRule = strategy.nameRule && ((name: string) => strategy.nameRule!(object, name, previous));
  return [...validateObjectMeta(object, { namespaced, nameFormat, anyGenerateName, nameRule }), ...standardFinalizerErrors(resource, object)];
}

/** What the rules of all kinds say, by which a name is a segment of a path (rest.BeforeCreate). */
export const genericMetadataErrors = ({ namespaced }: ApiResource, object: KubeObject): FieldError[] =>
  validateObjectMeta(object, { namespaced, nameFormat: 'path' });

export const standardFinalizerErrors = ({ custom, strategy }: ApiResource, { metadata }: KubeObject): FieldError[] =>
  custom || strategy.metadataRules ? [] : validateStandardFinalizers(metadata.finalizers);
