import type { FieldDifference } from '../apis/logplane/plan-status.ts';
import { jsonText } from '../kube/bounded-text.ts';
import { fieldsOf, objectOf } from '../kube/fields.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import { differencesBetween, type FoundDifference } from '../state/differences.ts';

/** What a person would call a change from one object to another: the fields that differ, a hundred of them at most, but for the status and what the server keeps. */
export function fieldDifferences(before: KubeObject, after: KubeObject, resource: GroupResource): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const difference of differencesBetween(told(before), told(after))) {
    if (found.push(asText(difference, resource)) === MOST) break;
  }
  return found;
}

/** The object without what changes by itself. */
function told(object: KubeObject): KubeObject {
  const { status: _, ...rest } = fieldsOf(object);
  const { resourceVersion: _v, generation: _g, uid: _u, creationTimestamp: _c, managedFields: _m, ...metadata } = object.metadata;
  return objectOf({ ...rest, metadata });
}

function asText({ path, steps, from, to }: FoundDifference, resource: GroupResource): FieldDifference {
  // Who may create a Secret may not therefore read it.
  const isHidden = resource === 'secrets' && (steps[0] === 'f:data' || steps[0] === 'f:stringData');
  const text = (value: unknown) => (isHidden ? '"***"' : jsonText(value, LONGEST));
  return { path, ...(from !== undefined && { before: text(from) }), ...(to !== undefined && { after: text(to) }) };
}

const MOST = 100;
const LONGEST = 256;
