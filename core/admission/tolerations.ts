import { same } from '../kube/object.ts';
import type { Toleration } from '../schema/generated/kinds.ts';

/** Two lists of tolerations as one, without those that another one covers; of equal ones the first stays (pkg/util/tolerations, MergeTolerations). */
export function mergedTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [i, toleration] of all.entries()) {
    const isCovered =
      merged.some((kept) => covers(kept, toleration)) || all.slice(i + 1).some((later) => !same(later, toleration) && covers(later, toleration));
    if (!isCovered) merged.push(toleration);
  }
  return merged;
}

/** Whether a toleration tolerates all that another one does. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (same(wide, narrow)) return true;
  if (wide.key !== narrow.key && (wide.key || wide.operator !== 'Exists')) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  const { tolerationSeconds } = wide;
  if (wide.effect === 'NoExecute' && tolerationSeconds !== undefined && (narrow.tolerationSeconds ?? Number.POSITIVE_INFINITY) > tolerationSeconds)
    return false;
  if (wide.operator === 'Exists') return true;
  return (wide.operator === 'Equal' || !wide.operator) && narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? '');
}
