import type { KubeObject } from '../kube/object.ts';

/** Of several classes that are marked as the default the newest, and of equally new ones the first by name. */
export function newestDefault<T extends KubeObject>(marked: readonly T[]): T | undefined {
  const newness = ({ metadata }: T) => metadata.creationTimestamp ?? '';
  const isBefore = (a: T, b: T) => (newness(a) === newness(b) ? a.metadata.name < b.metadata.name : newness(a) > newness(b));
  return marked.reduce<T | undefined>((first, other) => (first === undefined || isBefore(other, first) ? other : first), undefined);
}
