import { age } from '../../kube/duration.ts';
import type { Container, ContainerStatus, Pod } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Table } from '../strategy.ts';
import { isPodTerminal } from './pod-terminal.ts';

/** How `kubectl get pods` prints (printPod in pkg/printers/internalversion/printers.go). */
export const table: Table<Pod> = {
  columns: [
    nameColumn,
    column('Ready', 'string', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'string', 'The aggregate status of the containers in this pod.'),
    column('Restarts', 'string', 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.'),
    ageColumn,
    column('IP', 'string', 'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.', 'wide'),
    column(
      'Node',
      'string',
      'NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename',
      'wide',
    ),
    column(
      'Nominated Node',
      'string',
      'nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.',
      'wide',
    ),
    column(
      'Readiness Gates',
      'string',
      'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates',
      'wide',
    ),
  ],
  cells(pod, now) {
    const { spec, status } = pod;
    const { ready, total, word, restarts, lastRestart } = summarize(pod);
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      word,
      restarts && lastRestart ? `${restarts} (${age(lastRestart, now)} ago)` : String(restarts),
      ageOf(pod, now),
      status?.podIPs?.[0]?.ip || status?.podIP || '<none>',
      spec?.nodeName || '<none>',
      status?.nominatedNodeName || '<none>',
      readinessGates(pod),
    ];
  },
};

interface Summary {
  ready: number;
  total: number;
  word: string;
  restarts: number;
  lastRestart: string;
}

/** One word for what its containers are up to, and how many of them are ready and were restarted. */
function summarize({ metadata, spec, status = {} }: Pod): Summary {
  const sidecars = new Set((spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const summary: Summary = {
    ready: 0,
    total: (spec?.containers?.length ?? 0) + sidecars.size,
    word: status.reason || status.phase || '',
    restarts: 0,
    lastRestart: '',
  };
  if (status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')) summary.word = 'SchedulingGated';

  const initializing = summarizeInit(summary, status.initContainerStatuses ?? [], sidecars, spec?.initContainers?.length ?? 0);
  if (!initializing || status.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True')) {
    // From here on the restarts of what prepared the pod do not count any more.
    summary.restarts = 0;
    summary.lastRestart = '';
    for (const container of status.initContainerStatuses ?? []) if (sidecars.has(container.name)) countRestarts(summary, container);
    summarizeRunning(summary, status.containerStatuses ?? [], status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false);
  }

  if (metadata.deletionTimestamp && status.reason === 'NodeLost') summary.word = 'Unknown';
  else if (metadata.deletionTimestamp && !isPodTerminal({ status })) summary.word = 'Terminating';
  return summary;
}

const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always';

/** Up to the first init container that is not done; answers whether there is one. */
function summarizeInit(summary: Summary, statuses: readonly ContainerStatus[], sidecars: ReadonlySet<string>, count: number): boolean {
  for (const [i, container] of statuses.entries()) {
    countRestarts(summary, container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) summary.ready++;
      continue;
    }
    if (terminated) summary.word = `Init:${terminated.reason || exitWord(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.word = `Init:${waiting.reason}`;
    else summary.word = `Init:${i}/${count}`;
    return true;
  }
  return false;
}

function summarizeRunning(summary: Summary, statuses: readonly ContainerStatus[], podReady: boolean): void {
  let running = false;
  // The first container has the last word.
  for (const container of [...statuses].reverse()) {
    countRestarts(summary, container);
    const { waiting, terminated, running: isRunning } = container.state ?? {};
    if (waiting?.reason) summary.word = waiting.reason;
    else if (terminated) summary.word = terminated.reason || exitWord(terminated);
    else if (container.ready && isRunning) {
      running = true;
      summary.ready++;
    }
  }
  if (summary.word === 'Completed' && running) summary.word = podReady ? 'Running' : 'NotReady';
}

const exitWord = ({ signal, exitCode }: { signal?: number; exitCode: number }) => (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

function countRestarts(summary: Summary, { restartCount, lastState }: ContainerStatus): void {
  summary.restarts += restartCount ?? 0;
  const finished = lastState?.terminated?.finishedAt;
  if (finished && finished > summary.lastRestart) summary.lastRestart = finished;
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  if (!gates.length) return '<none>';
  const met = gates.filter(({ conditionType }) => status?.conditions?.some(({ type, status }) => type === conditionType && status === 'True'));
  return `${met.length}/${gates.length}`;
}
