import { API_VERSION } from '../../apis/logplane/own-resource.ts';
import { type KubeObject, keyOf, microTimestamp } from '../../kube/object.ts';
import { forbidden, notFound } from '../../kube/status.ts';
import type { FieldManager, Offset } from '../../log/event.ts';
import type { FieldSet } from '../../managed-fields/field-set.ts';
import { fieldSetOf } from '../../managed-fields/field-set-of.ts';
import { ListElementError } from '../../managed-fields/list-elements.ts';
import { deduced, type MergeType } from '../../managed-fields/merge-type.ts';
import { displayed, type PathElement } from '../../managed-fields/path-element.ts';
import { changedFields, type FoundDifference, IDENTITY, mergeTypeOfObject, partsAt, typeAt } from '../../state/differences.ts';
import { answerWith } from '../answers/answers.ts';
import type { ReadCall } from '../call.ts';
import { readOffset } from '../query/list-options.ts';
import { stateFor } from '../request/reading.ts';
import { ChangeReader } from './reader.ts';
import { changedObject } from './shown-change.ts';
import { changesOfObject, versionOf } from './versions.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * `GET …/NAME/blame`: every field of an object, and which change made it what it is. Of fields that have not changed for longer than is looked back at once, it says before which offset that
 * was: the object is there with the same value at `NAME@OFFSET`, where it can be asked again. Throws 404, and 403 for those who may not get the object.
 */
export async function blame(call: ReadCall): Promise<Response> {
  const { target, info, query } = call;
  const state = await stateFor(call, { atLeast: readOffset(query.get('resourceVersion')) });
  const resource = target.storage.groupResource;
  const object = state.get(resource, info.namespace, info.name!);
  if (!object) throw notFound(target.resource, info.name!);
  const key = keyOf(resource, info.namespace, info.name!);
  if (!new ChangeReader(call).mayGet(key)) throw forbidden(target.resource, info.name!, 'a blame shows the object, which the user may not get');
  const fields = fieldsIn(object);
  const { last, reach } = await lastChanges(object, fields, call);
  return answerWith(call, {
    kind: 'Blame',
    apiVersion: API_VERSION,
    metadata: { name: info.name!, ...(info.namespace && { namespace: info.namespace }), resourceVersion: object.metadata.resourceVersion },
    object: changedObject(key, object),
    fields: fields.map((field) => {
      const { path, to: value } = withoutSecrets(resource, field);
      return { path, value, ...(last.get(field) ?? { before: reach }) };
    }),
  });
}

/** The fields of an object that hold a value, in the order of server-side apply; not what it is called, and not what follows from its first change and its last. */
function fieldsIn(object: KubeObject): readonly FoundDifference[] {
  const known = mergeTypeOfObject(object);
  try {
    return [...leaves(fieldSetOf(object, known), object, known, [])];
  } catch (error) {
    if (!(error instanceof ListElementError)) throw error;
    return [...leaves(fieldSetOf(object, deduced), object, deduced, [])];
  }
}

function* leaves(set: FieldSet, value: unknown, type: MergeType, steps: readonly PathElement[]): Generator<FoundDifference> {
  const at = partsAt(value, type);
  for (const [i, element] of set.elements.entries()) {
    const path = [...steps, element];
    const child = set.children[i]!;
    if (child.elements.length > 0) yield* leaves(child, at(element), typeAt(type, element), path);
    else if (!isGiven(path)) yield { steps: path, path: path.map(displayed).join(''), to: at(element) };
  }
}

function isGiven([first, second]: readonly PathElement[]): boolean {
  if (first === 'f:apiVersion' || first === 'f:kind') return true;
  return first === 'f:metadata' && second !== undefined && (IDENTITY.has(second.slice(2)) || second === 'f:uid' || second === 'f:creationTimestamp');
}

/** Of each field the last change that touched it, as far as that was looked for: back to the change at `reach`. */
async function lastChanges(
  object: KubeObject,
  fields: readonly FoundDifference[],
  call: ReadCall,
): Promise<{ last: Map<FoundDifference, FieldChange>; reach: Offset }> {
  const last = new Map<FoundDifference, FieldChange>();
  let left = fields;
  let reach = versionOf(object);
  for await (const { offset, time, actor, manager, previous, object: after } of changesOfObject(reach, call)) {
    reach = offset;
    const set = previous && changedFields(previous, after).set;
    const by: FieldChange = { offset, time: microTimestamp(time), actor: actor.username, ...(manager && { manager }) };
    left = left.filter((field) => {
      const isTouched = !set || touches(set, field.steps);
      if (isTouched) last.set(field, by);
      return !isTouched;
    });
    if (left.length === 0) break;
  }
  return { last, reach };
}

interface FieldChange {
  readonly offset: Offset;
  readonly time: string;
  readonly actor: string;
  readonly manager?: FieldManager;
}

/** Whether a field is in a set of changed ones, or stands below one that changed as a whole. */
function touches(set: FieldSet, steps: readonly PathElement[]): boolean {
  let node = set;
  for (const step of steps) {
    const child = node.at(step);
    if (!child) return node.isLeaf;
    node = child;
  }
  return true;
}
