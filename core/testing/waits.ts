import { type Mutation, update } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import { SECOND, type TimedCluster } from './timed-cluster.ts';

export const create = (resource: string, kind: string, name: string, spec: object, apiVersion = 'v1'): Mutation => ({
  type: 'create',
  resource,
  object: { apiVersion, kind, metadata: { name, namespace: 'default' }, spec } as KubeObject,
});

export const runs = (command: string, more: object = {}) => ({ containers: [{ name: 'a', image: 'busybox', command: ['sh', '-c', command] }], ...more });
const pod = (name: string, spec: object) => create('pods', 'Pod', name, spec);
export const job = (name: string, command: string, spec: object = {}) =>
  create('jobs.batch', 'Job', name, { template: { spec: runs(command, { restartPolicy: 'Never' }) }, ...spec }, 'batch/v1');

export const podsOf = (state: State) => state.list('pods', 'default');
export const jobOf = (state: State, name: string) => state.get('jobs.batch', 'default', name);

function taint(state: State): Mutation {
  const node = state.list('nodes')[0]!;
  return update('nodes', { ...node, spec: { ...node.spec, taints: [{ key: 'a', effect: 'NoExecute' }] } });
}

/** Something that waits for a time, in seconds of cluster time. */
export interface Waiting {
  readonly name: string;
  readonly begin: readonly Mutation[];
  /** Two seconds later. */
  readonly afterwards?: (state: State) => Mutation;
  /** Not before. */
  readonly least: number;
  /** By then at the latest. */
  readonly most: number;
  readonly isOver: (state: State) => boolean;
}

export const waiting: readonly Waiting[] = [
  {
    name: 'a pod that takes its whole grace period to end',
    begin: [pod('slow', { ...runs('trap "" TERM; sleep 100000', { terminationGracePeriodSeconds: 30 }) })],
    afterwards: () => ({ type: 'delete', resource: 'pods', namespace: 'default', name: 'slow' }),
    least: 0,
    most: 35,
    isOver: (state) => podsOf(state).length === 0,
  },
  {
    name: 'a CronJob',
    begin: [
      create(
        'cronjobs.batch',
        'CronJob',
        'often',
        { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: runs('exit 0', { restartPolicy: 'Never' }) } } } },
        'batch/v1',
      ),
    ],
    least: 0,
    most: 61,
    isOver: (state) => state.list('jobs.batch').length > 0,
  },
  {
    name: 'the TTL of a finished Job',
    begin: [job('kept', 'exit 0', { ttlSecondsAfterFinished: 60 })],
    least: 59,
    most: 75,
    isOver: (state) => jobOf(state, 'kept') === undefined,
  },
  {
    name: 'the deadline of a Job',
    begin: [job('late', 'sleep 100000', { activeDeadlineSeconds: 60 })],
    least: 59,
    most: 75,
    isOver: (state) => jobOf(state, 'late')?.status?.conditions?.some(({ type, status }) => type === 'FailureTarget' && status === 'True') === true,
  },
  {
    name: 'the back-off of a Job',
    begin: [job('failing', 'exit 1', { backoffLimit: 2 })],
    least: 29,
    most: 50,
    isOver: (state) => podsOf(state).length === 3,
  },
  {
    name: 'the back-off of a container',
    begin: [pod('crashing', runs('exit 1'))],
    least: 29,
    most: 50,
    isOver: (state) => (podsOf(state)[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 3,
  },
  {
    name: 'the deadline of a pod',
    begin: [pod('bounded', runs('sleep 100000', { activeDeadlineSeconds: 60, terminationGracePeriodSeconds: 1 }))],
    least: 59,
    most: 65,
    isOver: (state) => podsOf(state)[0]?.status?.reason === 'DeadlineExceeded',
  },
  {
    name: 'a pod that tolerates a taint for a while',
    begin: [pod('tolerant', runs('sleep 100000', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] }))],
    afterwards: taint,
    least: 59,
    most: 100,
    isOver: (state) => podsOf(state).length === 0,
  },
];

/** How many seconds of cluster time, at a rate, it takes until it is over; no more than `most`. */
export async function secondsUntilOver(cluster: TimedCluster, { isOver, most }: Waiting, rate = 1): Promise<number> {
  for (let seconds = 0; seconds <= most + 5; seconds++) {
    if (isOver(cluster.state())) return seconds;
    await cluster.pass(SECOND / rate);
  }
  return Number.POSITIVE_INFINITY;
}

export async function begin(cluster: TimedCluster, { begin, afterwards }: Waiting, rate = 1): Promise<void> {
  await cluster.do(...begin);
  if (!afterwards) return;
  await cluster.pass((2 * SECOND) / rate);
  await cluster.do(afterwards(cluster.state()));
}
