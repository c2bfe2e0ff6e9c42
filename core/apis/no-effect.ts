import { type KubeObject, timestamp } from '../kube/object.ts';
import type { Resource } from './api-resource.ts';

/** Of a kind that is checked and kept, and of which nothing comes yet (`Strategy.noEffect`). Removing the declaration removes all that follows from it. */
export interface NoEffect<T extends KubeObject> {
  /** `custom resources are not served yet` */
  readonly why: string;
  /** The condition by which clients wait for the effect: it is False from the beginning. */
  readonly condition?: string;
  /** Objects of the kind that have all the effect that they can have. */
  readonly unless?: (object: T) => boolean;
}

/** What whoever writes such an object is told: nobody is to rely on it, or to wait. */
export function noEffectWarnings({ strategy, kind }: Pick<Resource, 'strategy' | 'kind'>, object: KubeObject): string[] {
  const { noEffect } = strategy;
  return !noEffect || noEffect.unless?.(object) ? [] : [`this ${kind} is kept, and has no effect: ${noEffect.why}`];
}

/** Writes the condition into the status of a new object. */
export function setNoEffectCondition({ strategy }: Pick<Resource, 'strategy'>, object: KubeObject, now: number): void {
  const { condition: type, why, unless } = strategy.noEffect ?? {};
  if (!type || unless?.(object)) return;
  const condition = { type, status: 'False', lastTransitionTime: timestamp(now), reason: 'NotImplemented', message: why };
  object['status'] = { ...object['status'], conditions: [condition] };
}
