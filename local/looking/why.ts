import type { Cause, ChangeObject } from '../../core/apis/logplane/change.ts';
import { nameOfChanged } from '../../core/apis/logplane/change.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { Pod } from '../../core/schema/generated/kinds.ts';
import type { ApiClient } from '../client/api-client.ts';
import { type NamedObject, nameOfObject, withoutOwnApi } from '../client/resources.ts';
import { changeAt, changesOf, objectIfThere } from './changes.ts';
import { type Reasons, reasonsOf } from './reasons.ts';
import { placesFor, type SchedulingAnswer } from './scheduling.ts';

/** Why an object is there, and why it is as it is. */
export interface Why {
  readonly object: { readonly name: string; readonly namespace?: string };
  /** What of it is not well; none: it is gone. */
  readonly state?: Reasons;
  /** Why the scheduler has no node for it, or for one of its pods. */
  readonly scheduling?: SchedulingAnswer & { readonly pod: string };
  /** From the change that made it down to the request that began it; none where the log no longer has it. */
  readonly created?: readonly Cause[];
  /** The same of the last change, where that is another. */
  readonly lastChange?: readonly Cause[];
}

/** Throws what the cluster refuses: 404 of what has never been. */
export async function why(named: NamedObject, client: ApiClient): Promise<Why> {
  const { resource, name, namespace, path } = named;
  const object = await objectIfThere(path, client);
  const { changes } = await changesOf(named, client, MOST_CHANGES);
  const created = changes.find(({ type }) => type === 'ADDED');
  const last = lastTold(changes);
  const chain = async (change: ChangeObject | undefined) => change && chainOf(await changeAt(change.offset, namespace, client));
  const [ofCreation, ofLast, state] = await Promise.all([
    chain(created),
    chain(last === created ? undefined : last),
    object && reasonsOf(named, object, client),
  ]).catch(async (error) => {
    throw await withoutOwnApi(error, client);
  });
  const pending = object && pendingPod(named, object, state);
  const scheduling = pending && { pod: pending.metadata.name, ...(await placesFor(pending, client)) };
  return {
    object: { name: nameOfObject(resource, name), ...(namespace !== undefined && { namespace }) },
    ...(state && { state }),
    ...(scheduling && { scheduling }),
    ...(ofCreation && { created: ofCreation }),
    // What only followed from its creation is told already.
    ...(ofLast && ofLast.at(-1)?.offset !== ofCreation?.at(-1)?.offset && { lastChange: ofLast }),
  };
}

const MOST_CHANGES = 5_000;

/** The newest change of what was asked for: what is told by a status follows from that. */
const lastTold = (changes: readonly ChangeObject[]): ChangeObject | undefined =>
  changes.find(({ type, what }) => type !== 'MODIFIED' || what.split(/[, ]+/).some((field) => !/^(status\b|\+\d|$)/.test(field))) ?? changes[0];

function pendingPod({ resource }: NamedObject, object: KubeObject, state: Reasons | undefined): Pod | undefined {
  const pod = resource.resource === 'pods' && resource.group === '' ? (object as Pod) : state?.pending;
  const isPending = pod && !pod.spec?.nodeName && !pod.metadata.deletionTimestamp && !pod.spec?.schedulingGates?.length;
  return isPending ? pod : undefined;
}

/** The change itself, and what it answers to, step by step. */
function chainOf({ offset, time, type, what, object, actor, causes = [] }: ChangeObject): Cause[] {
  const first: Cause = {
    offset,
    time,
    type,
    what,
    object: nameOfChanged(object),
    ...(object.namespace && { namespace: object.namespace }),
    actor: actor.username,
  };
  return [first, ...causes];
}
