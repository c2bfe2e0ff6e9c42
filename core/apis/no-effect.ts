import { type Fields, fieldsOf } from '../kube/fields.ts';
import { type KubeObject, timestamp } from '../kube/object.ts';
import type { ApiResource } from './api-resource.ts';

/** What a client that writes such an object is told: not to rely on it, or to wait. */
export function noEffectWarnings({ strategy, kind }: Pick<ApiResource, 'strategy' | 'kind'>, object: KubeObject): string[] {
  const { noEffect } = strategy;
  return !noEffect || noEffect.unless?.(object) ? [] : [`this ${kind} is kept, and has no effect: ${noEffect.why}`];
}

/** Writes the condition into the status of a new object. */
export function setNoEffectCondition({ strategy }: Pick<ApiResource, 'strategy'>, object: KubeObject, now: number): void {
  const { condition: type, why, unless } = strategy.noEffect ?? {};
  if (!type || unless?.(object)) return;
  const condition = { type, status: 'False', lastTransitionTime: timestamp(now), reason: 'NotImplemented', message: why };
  Object.assign(object, { status: { ...(fieldsOf(object)['status'] as Fields | undefined), conditions: [condition] } });
}
