import { apisOf } from '../../apis/apis.ts';
import type { ClusterInstant } from '../../instant.ts';
import { fieldsOf } from '../../kube/fields.ts';
import { type GroupResource, type KubeObject, same } from '../../kube/object.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import type { Limit } from '../../state/reads.ts';
import type { State } from '../../state/state.ts';
import { type Amount, minus, NOTHING, plus, times } from './amounts.ts';
import { deviceClaims } from './devices.ts';
import type { Evaluator } from './evaluator.ts';
import { countedBy, objectsOf } from './objects.ts';
import { areSelected, selectorsOf } from './scopes.ts';
import { standingOf, summed, sumsOf } from './usage.ts';

/** What counts the objects of a resource; undefined: nothing does. */
export function evaluatorOf(resource: GroupResource, state: State): Evaluator | undefined {
  if (Object.hasOwn(summed, resource)) return summed[resource];
  if (resource === deviceClaims.resource) return deviceClaims;
  return objectsOf(apisOf(state).resource(resource));
}

const special: readonly Evaluator[] = [...Object.values(summed), deviceClaims];

/**
 * What is used of a quota in a state, of some of the names that it limits: those that nothing counts are left out. A quota rests on that as on
 * a limit (`quotaOf`): it is touched by what takes more, and not by the sums of other namespaces.
 */
export function usedOf(
  quota: Pick<ResourceQuota, 'metadata' | 'spec'>,
  names: readonly string[],
  { state: seen, now }: { state: State; now: ClusterInstant },
): Map<string, Amount> {
  const namespace = quota.metadata.namespace!;
  seen.keepWithin(quotaOf, namespace);
  const state = seen.observed(undefined);
  const selectors = selectorsOf(quota);
  const used = new Map<string, Amount>();
  const add = (name: string, amount: Amount, combine = plus) => used.set(name, combine(used.get(name) ?? NOTHING, amount));
  for (const evaluator of special) {
    const counted = names.filter((name) => evaluator.counts(name, seen));
    if (counted.length === 0) continue;
    for (const name of counted) add(name, NOTHING);
    for (const { scopes, usage } of standingsOf(evaluator, namespace, state)) {
      if (areSelected(scopes, selectors)) for (const name of counted) if (usage.has(name)) add(name, usage.get(name)!);
    }
    for (const object of evaluator.released?.(namespace, { state, now }) ?? []) {
      if (!areSelected(evaluator.scopesOf(object), selectors)) continue;
      const usage = evaluator.usageOf(object, state);
      for (const name of counted) if (usage.has(name) && !name.startsWith('count/')) add(name, usage.get(name)!, minus);
    }
  }
  for (const name of names) {
    const resource = used.has(name) ? undefined : countedBy(name, state);
    // No scope selects what is only counted.
    if (resource) used.set(name, selectors.length > 0 ? NOTHING : times(state.count(resource.storedAs, namespace)));
  }
  return used;
}

/** The resources of whose objects a quota limits something. */
export function resourcesOf({ spec }: Pick<ResourceQuota, 'spec'>, state: State): GroupResource[] {
  const names = Object.keys(spec?.hard ?? {});
  return [
    ...special.filter((evaluator) => names.some((name) => evaluator.counts(name, state))).map(({ resource }) => resource),
    ...names.flatMap((name) => countedBy(name, state)?.storedAs ?? []),
  ];
}

const standingsOf = (evaluator: Evaluator, namespace: string, state: State) =>
  Object.hasOwn(summed, evaluator.resource)
    ? sumsOf(evaluator.resource, namespace, state)
    : state.list(evaluator.resource, namespace).map((object) => ({ scopes: evaluator.scopesOf(object), usage: evaluator.usageOf(object, state) }));

/** The quotas of a namespace, of which there is only so much: an object takes more of them when it is new, or takes more than before. */
const quotaOf: Limit<'namespace'> = {
  of: 'namespace',
  takesMore: (object, previous) => !previous || takesOtherwise(object, previous, (now, before) => now > before),
};

/** What the quotas of a namespace limit: they may come to limit more. What their statuses tell is nothing that a decision rests on. */
export const limitsOf: Limit<'namespace'> = {
  of: 'namespace',
  takesMore: (object, previous) =>
    object.kind === 'ResourceQuota' && object.apiVersion === 'v1' && (!previous || !same(fieldsOf(object)['spec'], fieldsOf(previous)['spec'])),
};

/** Whether an object that was there before counts otherwise now: it is in other scopes, or an amount has changed as `differs` says. */
export function takesOtherwise(object: KubeObject, previous: KubeObject, differs: (now: bigint, before: bigint) => boolean): boolean {
  if (object.kind === deviceClaims.kind) return true;
  const evaluator = object.apiVersion === 'v1' && Object.values(summed).find(({ kind }) => kind === object.kind);
  if (!evaluator) return false;
  const [before, after] = [standingOf(evaluator, previous), standingOf(evaluator, object)];
  if (before.scopes !== after.scopes && !same(before.scopes, after.scopes)) return true;
  if (before.usage === after.usage) return false;
  const names = new Set([...before.usage.keys(), ...after.usage.keys()]);
  return [...names].some((name) => differs((after.usage.get(name) ?? NOTHING).nanos, (before.usage.get(name) ?? NOTHING).nanos));
}
