import type { Pod, Slim } from '../../model/kinds.ts';
import { stateOf } from '../../model/pod-state.ts';
import type { ResourceName } from '../../model/resources.ts';

export interface Difference {
  readonly type: 'added' | 'changed' | 'removed';
  readonly resource: ResourceName;
  /** `shop/web` */
  readonly key: string;
  /** In a few words. */
  readonly what: string;
}

/** What became of the objects of a resource between two moments, of what the page follows of them. */
export function differencesOf(resource: ResourceName, before: ReadonlyMap<string, Slim>, after: ReadonlyMap<string, Slim>): Difference[] {
  const found: Difference[] = [];
  for (const [key, object] of after) {
    const other = before.get(key);
    if (!other) found.push({ type: 'added', resource, key, what: inShort(resource, object) });
    else if (other.metadata.resourceVersion !== object.metadata.resourceVersion) {
      const what = changed(resource, other, object);
      if (what !== '') found.push({ type: 'changed', resource, key, what });
    }
  }
  for (const [key, object] of before) if (!after.has(key)) found.push({ type: 'removed', resource, key, what: inShort(resource, object) });
  return found;
}

function inShort(resource: ResourceName, object: Slim): string {
  if (resource !== 'pods') return '';
  const pod = object as Pod;
  return `${stateOf(pod).status}${pod.spec?.nodeName ? ` on ${pod.spec.nodeName}` : ''}`;
}

const MOST = 4;

function changed(resource: ResourceName, before: Slim, after: Slim): string {
  if (resource === 'pods') {
    const [a, b] = [inShort(resource, before), inShort(resource, after)];
    if (a !== b) return `${a} → ${b}`;
  }
  const paths = [...pathsOf(before, after, '')];
  return paths.slice(0, MOST).join(', ') + (paths.length > MOST ? ` and ${paths.length - MOST} more` : '');
}

/** What goes with every change; and what a list has once for all its objects, where a watch has it in each. */
const SILENT: ReadonlySet<string> = new Set(['.apiVersion', '.kind', '.metadata.resourceVersion', '.metadata.generation', '.status.observedGeneration']);

/** Which fields are different, as `spec.replicas 3 → 5`. */
function* pathsOf(a: unknown, b: unknown, path: string): Generator<string> {
  if (a === b || SILENT.has(path)) return;
  if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) yield* pathsOf(a[name], b[name], `${path}.${name}`);
    return;
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return;
  yield isPlain(a) && isPlain(b) ? `${path.slice(1)} ${a ?? 'none'} → ${b ?? 'none'}` : path.slice(1);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown): boolean => value === undefined || value === null || typeof value !== 'object';
