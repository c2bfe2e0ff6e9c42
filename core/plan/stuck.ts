import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { ObjectName, StuckObject, StuckReason } from '../apis/logplane/plan-status.ts';
import { fieldsOf } from '../kube/fields.ts';
import { controllerOf, type KubeObject } from '../kube/object.ts';
import type { ContainerStatus, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type Awaited, isLostWithNodes, isReady, measured, objectAt } from './watched.ts';

/** What is not ready at the end, and why, as the statuses of its pods and the Events of both say. */
export function stuckObjects({ workloads, applied, start }: Awaited, end: State): StuckObject[] {
  const all = new Map<string, ObjectName & { readonly wasReady?: boolean }>();
  for (const one of [...workloads, ...failedJobs(start, end), ...applied]) all.set(idOf(one), one);
  const asked = new Set(applied.map(idOf));
  return [...all.values()].flatMap((of) => {
    const readiness = measured(of, end);
    if (isReady(readiness)) return [];
    const { apiVersion, kind, namespace, name } = of;
    const object = objectAt(of, end);
    // What is deleted on purpose is not missed: of a pod that nothing makes again, there is no purpose that would say so.
    if (!object && kind !== 'Pod') return [];
    if (object && isLostWithNodes(object, { state: end, start })) return [];
    const isAsBefore = !asked.has(idOf(of)) && objectAt(of, start) !== undefined && !isReady(measured(of, start));
    const { ready, wanted } = readiness;
    const reasons = object ? reasonsOf(object, end) : [{ reason: 'Gone', message: 'the pod is gone, and nothing makes it again' }];
    return [{ apiVersion, kind, ...(namespace && { namespace }), name, ready, wanted, ...(isAsBefore && { before: true as const }), reasons }];
  });
}

/** Those that came in between, and were made by something that does not tell of it. */
function failedJobs(start: State, end: State): ObjectName[] {
  const added = end.list('jobs.batch').filter(({ metadata }) => start.get('jobs.batch', metadata.namespace, metadata.name)?.metadata.uid !== metadata.uid);
  return added.filter(controllerOf).flatMap(({ apiVersion, kind, metadata: { namespace = '', name } }) => {
    const of = { apiVersion, kind, namespace, name };
    return measured(of, end).failure === undefined ? [] : [of];
  });
}

const idOf = ({ apiVersion, kind, namespace = 'default', name }: ObjectName): string => `${apiVersion}/${kind}/${namespace}/${name}`;

function reasonsOf(object: KubeObject, state: State): StuckReason[] {
  const conditions = conditionsOf(object);
  const own = [...conditions, ...warningsOf(object, state).filter(({ message }) => !conditions.some((condition) => condition.message === message))];
  const pods = object.kind === 'Pod' ? [object as Pod] : podsOf(object, state);
  const told = new Map<string, { reason: string; message: string; pods: number; pod: string }>();
  for (const pod of pods) {
    const why = whyNot(pod, state, told.size < MOST_REASONS);
    if (!why) continue;
    const known = told.get(why.reason);
    if (known) known.pods++;
    else told.set(why.reason, { ...why, pods: 1, pod: pod.metadata.name });
  }
  const reasons = [...told.values()].slice(0, MOST_REASONS);
  if (own.length + reasons.length > 0) return [...own, ...(object.kind === 'Pod' ? reasons.map(({ reason, message }) => ({ reason, message })) : reasons)];
  return [{ reason: 'Progressing', message: 'nothing is wrong with it, but that it is not ready yet' }];
}

/** The pods that are of an object, or of what it has made. */
function podsOf({ metadata: { uid } }: KubeObject, state: State): Pod[] {
  if (uid === undefined) return [];
  return state
    .by('owner', uid)
    .flatMap((dependent) =>
      dependent.kind === 'Pod' ? [dependent as Pod] : dependent.kind === 'ReplicaSet' || dependent.kind === 'Job' ? podsOf(dependent, state) : [],
    );
}

/** What an object says of itself. */
function conditionsOf(object: KubeObject): StuckReason[] {
  const { conditions = [] } = (fieldsOf(object)['status'] ?? {}) as {
    conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
  return conditions
    .filter(
      ({ type, status }) =>
        (type === 'Progressing' && status === 'False') || (type === 'ReplicaFailure' && status === 'True') || (type === 'Failed' && status === 'True'),
    )
    .map(({ type, reason = type, message = '' }) => ({ reason, message }));
}

function whyNot(pod: Pod, state: State, looksAtEvents: boolean): { reason: string; message: string } | undefined {
  const { status, spec, metadata } = pod;
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  if (condition('Ready')?.status === 'True' || status?.phase === 'Succeeded') return undefined;
  if (!spec!.nodeName && !isPodTerminal(pod)) {
    const { reason = 'Unscheduled', message = '' } = condition('PodScheduled') ?? {};
    return { reason, message };
  }
  if (status?.phase === 'Failed') return { reason: status.reason ?? 'Failed', message: status.message ?? endsOf(pod) };
  if (metadata.deletionTimestamp) return { reason: 'Terminating', message: `the node ${spec!.nodeName} does not say that its containers have ended` };
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = statuses.map(({ state }) => state?.waiting).find((of) => of?.reason && !STARTING.has(of.reason));
  if (waiting) return { reason: waiting.reason!, message: [waiting.message ?? '', ...whyAgain(statuses)].join('; ') };
  const [warning] = looksAtEvents ? warningsOf(pod, state) : [];
  if (warning) return warning;
  const ended = statuses.find(({ state }) => state?.terminated && state.terminated.exitCode !== 0);
  if (ended) return { reason: ended.state!.terminated!.reason ?? 'Error', message: endOf(ended) };
  const { reason = 'Starting', message = '' } = condition('Ready') ?? {};
  return { reason, message };
}

/** Why containers are started again and again, where that is not what they have done themselves. */
const whyAgain = (statuses: readonly ContainerStatus[]): string[] =>
  statuses
    .filter(({ lastState }) => lastState?.terminated?.reason === 'OOMKilled')
    .map(({ name }) => `container ${name} uses more memory than its limit (OOMKilled)`);

const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

const endsOf = ({ status }: Pod): string =>
  (status?.containerStatuses ?? [])
    .filter(({ state }) => state?.terminated)
    .map(endOf)
    .join(', ');

const endOf = ({ name, state }: ContainerStatus): string => `container ${name} ended with exit code ${state?.terminated?.exitCode}`;

/** The last thing that is warned of an object, in its Events. */
function warningsOf({ metadata: { uid, namespace } }: KubeObject, state: State): { reason: string; message: string }[] {
  const warnings = state.list('events', namespace ?? 'default').filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.uid === uid);
  const last = warnings.reduce<(typeof warnings)[number] | undefined>((a, b) => (!a || timeOf(b) >= timeOf(a) ? b : a), undefined);
  return last ? [{ reason: last.reason ?? '', message: last.message ?? '' }] : [];
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: { lastTimestamp?: string; eventTime?: string; metadata: KubeObject['metadata'] }): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

const MOST_REASONS = 10;
