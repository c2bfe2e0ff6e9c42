import type { KubeObject } from '../../core/kube/object.ts';
import { measureReadiness } from '../../core/plan/readiness.ts';
import type { ContainerStatus, Pod } from '../../core/schema/generated/kinds.ts';
import type { ApiClient } from '../client/api-client.ts';
import { groupResourceOf, type NamedObject } from '../client/resources.ts';

/** How far an object is, and what of it is not well. */
export interface Reasons {
  readonly ready: number;
  readonly wanted: number;
  readonly reasons: readonly Reason[];
  /** One of its pods that has no node. */
  readonly pending?: Pod;
}

export interface Reason {
  /** `pod/web-0`, where it is not of the object itself. */
  readonly of?: string;
  readonly reason: string;
  readonly message: string;
}

/** What an object tells of itself in its status, what its pods do, and what Events warn of, as long as it is not ready. Throws what the cluster refuses. */
export async function reasonsOf({ resource, namespace }: NamedObject, object: KubeObject, client: ApiClient): Promise<Reasons> {
  const groupResource = groupResourceOf(resource);
  const { ready, wanted, failure } = measureReadiness(groupResource, object);
  if (ready >= wanted && !failure) return { ready, wanted, reasons: [] };
  const own = groupResource === 'pods' ? reasonsOfPod(object as Pod) : ofConditions(object);
  const pods = groupResource === 'pods' || namespace === undefined ? [] : await podsOf(object, namespace, client);
  const waiting = pods.filter((pod) => measureReadiness('pods', pod).ready === 0);
  const ofPods = waiting.slice(0, MOST_PODS).flatMap((pod) => reasonsOfPod(pod).map((reason) => ({ of: `pod/${pod.metadata.name}`, ...reason })));
  const warnings = await warningsOf([object, ...waiting.slice(0, MOST_PODS)], client);
  const pending = waiting.find(({ spec }) => !spec?.nodeName);
  // A condition and an Event often say the same.
  const distinct = [
    ...new Map([...own, ...ofPods, ...warnings].reverse().map((reason): [string, Reason] => [reason.message || reason.reason, reason])).values(),
  ].reverse();
  return { ready, wanted, reasons: distinct, ...(pending && { pending }) };
}

const MOST_PODS = 5;

interface Conditioned extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
  };
}

/** Conditions that say that something is so which should not be, or is not so which should. */
const ofConditions = ({ status }: Conditioned): Reason[] =>
  (status?.conditions ?? [])
    .filter(({ type, status }) => (/Fail|Pressure|Unavailable/.test(type) ? status === 'True' : status === 'False'))
    .map(({ type, reason = type, message = '' }) => ({ reason, message }));

function reasonsOfPod(pod: Pod): Reason[] {
  const { status, spec, metadata } = pod;
  if (metadata.deletionTimestamp) return [{ reason: 'Terminating', message: `it is being deleted since ${metadata.deletionTimestamp}` }];
  if (spec?.schedulingGates?.length)
    return [{ reason: 'SchedulingGated', message: `it waits for its scheduling gates: ${spec.schedulingGates.map(({ name }) => name).join(', ')}` }];
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(reasonsOfContainer);
  if (containers.length > 0) return containers;
  if (status?.reason) return [{ reason: status.reason, message: status.message ?? '' }];
  return ofConditions(pod).slice(0, 1);
}

function reasonsOfContainer({ name, state, ready }: ContainerStatus): Reason[] {
  if (ready) return [];
  const { waiting, terminated } = state ?? {};
  if (waiting) return [{ reason: waiting.reason ?? 'Waiting', message: `container ${name}${waiting.message ? `: ${waiting.message}` : ''}` }];
  if (terminated && terminated.exitCode !== 0)
    return [{ reason: terminated.reason ?? 'Error', message: `container ${name} ended with exit code ${terminated.exitCode}` }];
  return [];
}

async function podsOf(object: KubeObject, namespace: string, client: ApiClient): Promise<readonly Pod[]> {
  const { selector } = (object as KubeObject & { spec?: { selector?: unknown } }).spec ?? {};
  const labels = (selector as { matchLabels?: Record<string, string> } | undefined)?.matchLabels ?? (selector as Record<string, string> | undefined);
  if (!labels || typeof labels !== 'object') return [];
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  if (labelSelector === '') return [];
  const { items } = await client.get<{ items: readonly Pod[] }>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${encodeURIComponent(labelSelector)}`,
  );
  return items;
}

interface EventObject {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** The newest warning of each reason. */
async function warningsOf(objects: readonly KubeObject[], client: ApiClient): Promise<Reason[]> {
  const [first] = objects;
  const of = async ({ kind, metadata: { name, namespace, uid } }: KubeObject): Promise<Reason[]> => {
    const fieldSelector = `type=Warning,involvedObject.uid=${uid}`;
    const { items } = await client.get<{ items: readonly EventObject[] }>(
      `/api/v1/namespaces/${encodeURIComponent(namespace ?? 'default')}/events?fieldSelector=${encodeURIComponent(fieldSelector)}`,
    );
    const newest = new Map(items.map((event) => [event.reason, event]));
    const subject = name === first!.metadata.name && kind === first!.kind ? {} : { of: `${(kind ?? 'pod').toLowerCase()}/${name}` };
    return [...newest.values()].map(({ reason = 'Warning', message = '' }) => ({ ...subject, reason, message }));
  };
  return (await Promise.all(objects.map(of))).flat();
}
