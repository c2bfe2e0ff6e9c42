import { DEFINITIONS } from '../apis/apiextensions/accepted-names.ts';
import { apisOf } from '../apis/apis.ts';
import { controllerOf, type Key, keyOf, parseKey, same } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import { type Choice, type Chosen, chosen, isChosen } from './chosen.ts';
import { contentOf } from './content.ts';
import { differing, ownedByOthers, pathsOf, typeOf } from './differences.ts';
import { inOrder } from './in-order.ts';
import { at, ownerConflicts, ownerKey, ownerText } from './owners.ts';
import type { Conflict, ObjectChange, Plan, Skipped } from './plan.ts';

interface Between {
  readonly past: State;
  readonly now: State;
  /** As whom the changes are made: what belongs to the same field manager belongs to no other. */
  readonly manager: string;
}

/** What brings the chosen objects of a cluster to what they were in the past. Pure. */
export function restoration(choice: Choice, between: Between): Plan {
  const { past, now } = between;
  const changes: ObjectChange[] = [];
  const skipped: Skipped[] = [];
  const conflicts: Conflict[] = [];
  const all = new Map([...chosen(choice, between)].map((one) => [one.key, one]));
  const comes = (key: Key) => isComing(all.get(key));
  const goes = (key: Key) => isGoing(all.get(key));
  for (const one of all.values()) {
    const change = changeOf(one, between);
    if (!change) continue;
    const { key, operation, object } = change;
    const { resource, namespace } = parseKey(key);
    // It goes with its namespace, or with the definition of its kind.
    if (goes(keyOf('namespaces', undefined, namespace)) || goes(keyOf(DEFINITIONS, undefined, resource))) continue;
    if (!apisOf(now).resource(resource) && !comes(keyOf(DEFINITIONS, undefined, resource))) {
      skipped.push({ key, reason: 'its kind is not served any more' });
      continue;
    }
    const controller = controllerOf(object);
    const controllerKey = controller && ownerKey(controller, object, [now, past]);
    if (controllerKey && isOfChosen(controllerKey, choice, between)) continue;
    changes.push(change);
    if (one.is?.metadata.deletionTimestamp) conflicts.push({ key, why: 'it is being deleted', isFinal: true });
    if (operation !== 'Delete') {
      conflicts.push(...namespaceConflicts(key, { now, comes }));
      conflicts.push(...ownerConflicts(key, object, { states: [now, past], comes, goes }));
    }
    if (controller && controllerKey && at(now, controllerKey)) conflicts.push({ key, why: `it is controlled by ${ownerText(controller)}` });
    conflicts.push(...managerConflicts(change, between));
  }
  return { offset: now.offset, changes: inOrder(changes, [now, past]), skipped, conflicts };
}

/** What is to become of one object; undefined: it is as it was. One that was on its way out then is left to what has become of it. */
function changeOf({ key, was, is }: Chosen, { now, past }: Between): ObjectChange | undefined {
  if (was?.metadata.deletionTimestamp) return undefined;
  if (!was) return is && !is.metadata.deletionTimestamp ? { operation: 'Delete', key, object: is } : undefined;
  if (!is) return { operation: 'Create', key, object: was };
  const [content, before] = [contentOf(was), contentOf(is)];
  if (same(content, before) && !is.metadata.deletionTimestamp) return undefined;
  const { resource } = parseKey(key);
  const fields = differing(before, content, typeOf((apisOf(now).resource(resource) ?? apisOf(past).resource(resource))!, is));
  return { operation: 'Update', key, object: is, content, fields: pathsOf(fields) };
}

const isComing = (one: Chosen | undefined): boolean => one?.was !== undefined && !one.was.metadata.deletionTimestamp && !one.is;
const isGoing = (one: Chosen | undefined): boolean => one !== undefined && !one.was;

/** Whether an object is chosen, whether or not it is to change. */
function isOfChosen(key: Key, choice: Choice, { past, now }: Between): boolean {
  const { resource } = parseKey(key);
  const served = apisOf(now).resource(resource) ?? apisOf(past).resource(resource);
  const [was, is] = [at(past, key), at(now, key)];
  return served !== undefined && (was ?? is) !== undefined && isChosen(choice, served, { was, is });
}

function namespaceConflicts(key: Key, { now, comes }: { now: State; comes: (key: Key) => boolean }): Conflict[] {
  const { namespace } = parseKey(key);
  if (!namespace) return [];
  const there = now.get('namespaces', undefined, namespace);
  if (there?.metadata.deletionTimestamp) return [{ key, why: `its namespace ${JSON.stringify(namespace)} is being deleted`, isFinal: true }];
  return there || comes(keyOf('namespaces', undefined, namespace))
    ? []
    : [{ key, why: `its namespace ${JSON.stringify(namespace)} is not there`, isFinal: true }];
}

/** What is declared elsewhere comes back from there: a restored field would be changed again, a removed object created. */
function managerConflicts(change: ObjectChange, { now, manager }: Between): Conflict[] {
  const { key, object, operation } = change;
  if (operation === 'Create') return [];
  const resource = apisOf(now).resource(parseKey(key).resource);
  if (!resource) return [];
  const before = contentOf(object);
  const fields = operation === 'Update' ? differing(before, change.content, typeOf(resource, object)) : undefined;
  const owned = ownedByOthers(object, fields, manager);
  if (operation === 'Update') return owned.map(({ field, manager: of }) => ({ key, field, why: `${field} belongs to field manager ${JSON.stringify(of)}` }));
  return [...new Set(owned.map(({ manager: of }) => of))].map((of) => ({ key, why: `it belongs to field manager ${JSON.stringify(of)}` }));
}
