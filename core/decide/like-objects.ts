import { fieldsOf, objectOf } from '../kube/fields.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import { sharing } from '../log/patch.ts';
import type { Stage } from './stages.ts';

/**
 * What a new object has in common with the one that its controller made before it, of the same template, is one value in memory; so is what an Event has in common with the one before it,
 * which mostly is of the same object. What is remembered of them saves memory, and the time that it takes to collect garbage, and nothing else.
 */
export const shareWithLast: Stage = (draft) => {
  const { resource, object } = draft;
  const of = familyOf(resource.groupResource, object);
  if (of === undefined) return;
  draft.object = sharing(last.get(of), object);
  remember(of, draft.object);
};

/** The same for the status of a pod: pods that are started together have most of it in common. Nothing changes a pod's status in place from here on. */
export function statusSharedWithLast(pod: KubeObject): KubeObject {
  const of = familyOf('pods', pod);
  const { status, ...others } = fieldsOf(pod);
  if (of === undefined || status === undefined) return pod;
  const shared = sharing(last.get(`${of} status`), status);
  remember(`${of} status`, shared);
  return objectOf({ ...others, status: shared });
}

/** Those that are made alike; undefined: of no others. */
function familyOf(groupResource: string, object: KubeObject): string | undefined {
  if (groupResource === 'events') return groupResource;
  const owner = controllerOf(object);
  return owner && `${groupResource} ${owner.uid}`;
}

function remember(of: string, value: unknown): void {
  last.delete(of);
  last.set(of, value);
  if (last.size > MOST_FAMILIES) last.delete(last.keys().next().value!);
}

const last = new Map<string, unknown>();
const MOST_FAMILIES = 200;
