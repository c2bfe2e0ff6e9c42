import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { emptyTree, type Tree } from '../../state/tree.ts';
import type { View } from '../../state/view.ts';
import { type Amount, type Amounts, minus, NOTHING, plus } from './amounts.ts';
import { claims } from './claims.ts';
import type { SummedEvaluator } from './evaluator.ts';
import { pods } from './pods.ts';
import type { Scopes } from './scopes.ts';
import { services } from './services.ts';

/**
 * What the objects of each namespace take, kept up as they change: one sum for all that are in the same scopes, so that what a quota has
 * used is the sum of a few, however many objects there are. A cluster without quotas never asks for it, and does not pay for it.
 */
export const usage: View<Tree<Sum>, 'pods' | 'services' | 'persistentvolumeclaims'> = {
  of: ['pods', 'services', 'persistentvolumeclaims'],
  initial: emptyTree(),
  evolve(tree, changes) {
    let next: Tree<Sum> | undefined;
    for (const change of changes as readonly Change[]) {
      const { object, previous, type } = change;
      const { evaluator, place } = placeOf(change);
      const before = previous && standingOf(evaluator, previous);
      const after = type === 'DELETED' ? undefined : standingOf(evaluator, object);
      if (before && after && before.scopes === after.scopes && before.usage === after.usage) continue;
      next ??= tree.clone();
      if (before) put(next, place + JSON.stringify(before.scopes), without(next.get(place + JSON.stringify(before.scopes))!, before));
      if (after) put(next, place + JSON.stringify(after.scopes), together(next.get(place + JSON.stringify(after.scopes)), after));
    }
    return next ?? tree;
  },
};

/** The sums of a namespace's objects of a resource. */
export function* sumsOf(resource: string, namespace: string, state: State): Generator<Sum> {
  const place = `${resource}/${namespace}/`;
  for (const [key, sum] of state.view(usage).entries(place)) {
    if (!key.startsWith(place)) return;
    yield sum;
  }
}

export interface Sum extends Standing {
  /** Of how many objects. */
  readonly objects: number;
}

/** How one object stands against quotas. */
export interface Standing {
  readonly scopes: Scopes;
  readonly usage: Amounts;
}

export const summed: Readonly<Record<GroupResource, SummedEvaluator>> = { pods, services, persistentvolumeclaims: claims };

function placeOf({ key }: Change): { evaluator: SummedEvaluator; place: string } {
  const evaluator = summed[key.slice(0, key.indexOf('/'))]!;
  return { evaluator, place: key.slice(0, key.lastIndexOf('/') + 1) };
}

const standings = new WeakMap<KubeObject, Standing>();

/** Each object is measured once: those of a state do not change. */
export function standingOf(evaluator: SummedEvaluator, object: KubeObject): Standing {
  let standing = standings.get(object);
  if (!standing) {
    standing = { scopes: evaluator.scopesOf(object), usage: evaluator.usageOf(object) };
    standings.set(object, standing);
  }
  return standing;
}

const together = (sum: Sum | undefined, { scopes, usage }: Standing): Sum =>
  sum ? { scopes, usage: combined(sum.usage, usage, plus), objects: sum.objects + 1 } : { scopes, usage, objects: 1 };

const without = (sum: Sum, { scopes, usage }: Standing): Sum | undefined =>
  sum.objects === 1 ? undefined : { scopes, usage: combined(sum.usage, usage, minus), objects: sum.objects - 1 };

function combined(a: Amounts, b: Amounts, combine: (a: Amount, b: Amount) => Amount): Amounts {
  const out = new Map(a);
  for (const [name, amount] of b) out.set(name, combine(out.get(name) ?? NOTHING, amount));
  return out;
}

function put(tree: Tree<Sum>, key: string, sum: Sum | undefined): void {
  if (sum) tree.set(key, sum);
  else tree.delete(key);
}
