import { apisOf } from '../apis/apis.ts';
import type { Fields } from '../kube/fields.ts';
import { controllerOf, type Key, type KubeObject, keyOf, parseKey, same } from '../kube/object.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { contentOf, withContent } from './content.ts';
import { differing, pathsOf, typeOf } from './differences.ts';
import { inOrder } from './in-order.ts';
import { alive, aliveAfter, type Matched } from './matched.ts';
import { at, ownerConflicts, ownerKey } from './owners.ts';
import type { Conflict, ObjectChange, Plan, Skipped } from './plan.ts';
import { revert } from './revert.ts';

/** What takes changes back, from what is there now. `seen`: the state up to which they were looked for. Pure. */
export function inverse(matched: Matched, { seen, now }: { seen: State; now: State }): Plan {
  const changes: ObjectChange[] = [];
  const skipped: Skipped[] = [];
  const conflicts: Conflict[] = [];
  for (const [key, undone] of matched.changes) {
    const { resource } = parseKey(key);
    const current = at(now, key);
    const served = apisOf(now).resource(resource);
    const isTouched = matched.isTouched(key) || hasOtherContent(current, at(seen, key));
    const { object, conflicts: found } = withoutChanges(undone, { key, current, isTouched, now });
    const change = changeOf(key, current, object, now);
    if (!change) continue;
    const controller = controllerOf(change.object);
    const controllerKey = controller && ownerKey(controller, change.object, [now]);
    if (change.operation === 'Create' && controllerKey && at(now, controllerKey)) {
      skipped.push({ key, reason: 'it is left to its controller' });
      continue;
    }
    if (!served && change.operation === 'Create' && !matched.changes.has(definitionOf(resource))) {
      skipped.push({ key, reason: 'its kind is not served any more' });
      continue;
    }
    changes.push(change);
    conflicts.push(...found);
    if (current?.metadata.deletionTimestamp) conflicts.push({ key, why: 'it is being deleted', isFinal: true });
  }
  const byKey = new Map(changes.map((change) => [change.key, change]));
  const comes = (key: Key) => byKey.get(key)?.operation === 'Create';
  const goes = (key: Key) => byKey.get(key)?.operation === 'Delete';
  // It goes with its namespace, or with the definition of its kind.
  const own = changes.filter(({ key }) => {
    const { resource, namespace } = parseKey(key);
    return !goes(keyOf('namespaces', undefined, namespace)) && !goes(definitionOf(resource));
  });
  for (const { key, operation, object } of own) if (operation === 'Create') conflicts.push(...ownerConflicts(key, object, { states: [now], comes, goes }));
  const kept = new Set(own.map(({ key }) => key));
  return { offset: seen.offset, changes: inOrder(own, [now]), skipped, conflicts: conflicts.filter(({ key }) => kept.has(key)) };
}

const definitionOf = (resource: string): Key => keyOf('customresourcedefinitions.apiextensions.k8s.io', undefined, resource);

const hasOtherContent = (a: KubeObject | undefined, b: KubeObject | undefined): boolean =>
  a !== b && (a === undefined || b === undefined || !same(contentOf(a), contentOf(b)));

interface Undoing {
  readonly key: Key;
  readonly current: KubeObject | undefined;
  /** Clients have changed the object since, other than by the changes that are undone. */
  readonly isTouched: boolean;
  readonly now: State;
}

/** One object without changes, the newest of which is taken back first; undefined: it would not be there. */
function withoutChanges(changes: readonly Change[], { key, current, isTouched, now }: Undoing): { object: KubeObject | undefined; conflicts: Conflict[] } {
  const conflicts: Conflict[] = [];
  let object = current;
  for (const change of changes.toReversed()) {
    const [before, after] = [alive(change.previous), aliveAfter(change)];
    if (before && after) {
      const [was, became] = [contentOf(before), contentOf(after)];
      if (same(was, became)) continue;
      if (!object) {
        conflicts.push({ key, why: 'it was deleted since' });
        continue;
      }
      const { value, conflicts: fields } = revert({ before: was, after: became, now: contentOf(object) }, typeIn(now, key, object));
      conflicts.push(...fields.map((field) => ({ key, field, why: `${field} was changed since` })));
      object = withContent(object, value as Fields);
    } else if (after) {
      if (object && isTouched) conflicts.push({ key, why: 'it was changed since' });
      object = undefined;
    } else if (before) {
      // What is marked as being deleted is still there.
      if (object && !object.metadata.deletionTimestamp && !same(contentOf(object), contentOf(before)))
        conflicts.push({ key, why: 'it is there again, and another one' });
      object = object ? withContent({ ...object, metadata: unmarked(object) }, contentOf(before)) : before;
    }
  }
  return { object, conflicts };
}

function unmarked({ metadata }: KubeObject): KubeObject['metadata'] {
  const { deletionTimestamp: _t, deletionGracePeriodSeconds: _g, ...rest } = metadata;
  return rest;
}

function typeIn(now: State, key: Key, object: KubeObject) {
  const resource = apisOf(now).resource(parseKey(key).resource);
  return resource ? typeOf(resource, object) : {};
}

function changeOf(key: Key, current: KubeObject | undefined, object: KubeObject | undefined, now: State): ObjectChange | undefined {
  if (!current) return object && { operation: 'Create', key, object };
  // One that is on its way out already goes by itself.
  if (!object) return current.metadata.deletionTimestamp ? undefined : { operation: 'Delete', key, object: current };
  const [before, content] = [contentOf(current), contentOf(object)];
  const isMarked = current.metadata.deletionTimestamp !== undefined && object.metadata.deletionTimestamp === undefined;
  if (same(before, content) && !isMarked) return undefined;
  return { operation: 'Update', key, object: current, content, fields: pathsOf(differing(before, content, typeIn(now, key, current))) };
}
