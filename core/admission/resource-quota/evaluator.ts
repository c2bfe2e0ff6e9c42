import type { ClusterInstant } from '../../instant.ts';
import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import type { AdmissionReview } from '../plugin.ts';
import type { Amounts } from './amounts.ts';
import type { Scopes } from './scopes.ts';

/** What quotas know of one resource (k8s.io/apiserver/pkg/quota/v1, Evaluator). */
// biome-ignore lint/suspicious/noExplicitAny: one list holds the evaluators of all kinds
export interface Evaluator<T extends KubeObject = any> {
  readonly resource: GroupResource;
  readonly kind: string;
  /** Whether something with this name, in a quota, is taken by objects of the resource. */
  counts(name: string, state: State): boolean;
  /** Whether a write may take more than was taken before. */
  handles(review: AdmissionReview): boolean;
  scopesOf(object: T): Scopes;
  /** What an object takes by itself, whatever the time. */
  usageOf(object: T, state: State): Amounts;
  /** What an object must say and does not, if a quota limits this; in Kubernetes' words. */
  missing?(names: readonly string[], object: T): string | undefined;
  /** What those of a namespace are counted as taking that do not any more, by now. */
  released?(namespace: string, at: { readonly state: State; readonly now: ClusterInstant }): readonly T[];
}

/** Of objects that take what they take whatever else there is: what those of a namespace take together is kept up (usage.ts). */
// biome-ignore lint/suspicious/noExplicitAny: as above
export interface SummedEvaluator<T extends KubeObject = any> extends Evaluator<T> {
  usageOf(object: T): Amounts;
}

/** The name under which the objects of a resource are counted: `count/deployments.apps`. */
export const countOf = (resource: GroupResource): string => `count/${resource}`;
