import type { Pod } from '../schema/generated/kinds.ts';
import type { Diagnosis, Plugin, PostFilterContext, Reservation } from './framework.ts';
import type { PodInfo } from './pod-info.ts';
import { unschedulableMessage } from './unschedulable.ts';

/** What becomes of a pod that can run on no node. */
export interface Unplaced {
  readonly message: string;
  /** It went wrong. */
  readonly isError?: true;
  readonly nomination: Nomination;
  /** What is written so that it may be placed the next time. */
  readonly released: readonly Reservation[];
}

/** For which node a pod waits. */
export type Nomination =
  | { readonly type: 'node'; readonly node: string; readonly victims: readonly Pod[] }
  /** It waits as it did. */
  | { readonly type: 'kept' }
  | { readonly type: 'cleared' };

/** Asks the plugins, one after the other, what can be done for a pod that can run on no node (RunPostFilterPlugins): the first that makes room is the last. */
export function postFiltered(info: PodInfo, diagnosis: Diagnosis, { plugins, ...context }: PostFilterContext & { plugins: readonly Plugin[] }): Unplaced {
  const tried: string[] = [];
  let nomination: Nomination = { type: 'kept' };
  let released: readonly Reservation[] = [];
  for (const { name, preFilter, postFilter } of plugins) {
    if (!postFilter) continue;
    // A plugin before it had the pod not looked at any further, so that it does not find what it had noted of it: that is told as the only reason.
    if (preFilter && diagnosis.unreached?.has(name)) return { message: unschedulableMessage(diagnosis, ['not found']), nomination: { type: 'kept' }, released };
    const result = postFilter(info, diagnosis, context);
    if (result.type === 'nominated') return { message: unschedulableMessage(diagnosis), nomination: { ...result, type: 'node' }, released };
    if (result.type === 'failed') return { message: unschedulableMessage(diagnosis, [result.reason]), nomination: { type: 'kept' }, released };
    tried.push(result.reason);
    if (result.type === 'released') released = result.reserved;
    else if (result.nominated === 'cleared') nomination = { type: 'cleared' };
  }
  return { message: unschedulableMessage(diagnosis, tried), nomination, released };
}
