import { parseSchedule } from '../../../core/apis/batch/schedule.ts';
import { timeZoneOf } from '../../../core/apis/batch/time-zone.ts';
import { untolerated } from '../../../core/apis/core/node-match.ts';
import { nextTime } from '../../../core/controllers/cronjob/schedule-times.ts';
import { selects } from '../../../core/kube/label-selector.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { runCommand } from '../../../core/nodes/runtimes/shell/command.ts';
import { Files } from '../../../core/nodes/runtimes/shell/files.ts';
import type { PodSpec, Service } from '../../../core/schema/generated/kinds.ts';
import { controlled } from '../../../core/testing/controllers.ts';
import { agentsOf, boundPod } from '../../../core/testing/node-agents.ts';
import { deployment, job, node, readyPod, replicaSet, statefulSet, template } from '../../../core/testing/objects.ts';
import { type CallInput, fields, times } from '../input.ts';

/** A cluster with these objects in it, whose controllers work until they are done. */
const workedOn = async (made: KubeObject, ...there: KubeObject[]) => {
  const cluster = await controlled(node('node-1'), ...there);
  return async () => {
    await cluster.create(made);
    await cluster.settle();
  };
};

/** A node agent that brings a pod up. */
const started = async (spec: Partial<PodSpec>) => {
  const cluster = await agentsOf([boundPod(spec)]);
  return () => cluster.settle();
};

const script = (text: string) =>
  runCommand(['sh', '-c', text], {
    environment: new Map(),
    files: new Files(() => undefined),
    surroundings: { startedAt: 0, hostname: 'x', resolves: () => 0, answers: () => 0, changesAfter: () => undefined, chance: () => 0 },
  });
const claim = (i: number) => ({ metadata: { name: `c${i}` }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
const metadata = (name: string) => ({ name, namespace: 'default' });

/** What controllers, the scheduler and the nodes make of what was accepted. */
export const calls: readonly CallInput[] = [
  {
    name: 'looks at CronJobs that never run',
    size: 800,
    prepare: (size) => () => {
      const schedule = parseSchedule('0 0 30 2 *');
      for (let i = 0; i < size; i++) nextTime(schedule, Date.UTC(2026, 0, 1 + i), timeZoneOf('Europe/Berlin'));
    },
  },
  {
    name: 'tolerations on a node with taints',
    size: 10_000,
    prepare: (size) => {
      const tolerations = times(size, (i) => ({ key: `k${i}`, operator: 'Equal', value: 'v', effect: 'NoSchedule' }));
      const taints = times(size, (i) => ({ key: `k${size - 1 - i}`, value: 'v', effect: 'NoSchedule' }));
      return () => untolerated(taints, tolerations, ['NoSchedule']);
    },
  },
  {
    name: 'a selector on labels',
    size: 10_000,
    prepare: (size) => {
      const labels = fields(size, () => 'v');
      const selector = { matchLabels: labels, matchExpressions: times(size, (i) => ({ key: `k${i}`, operator: 'In', values: ['u', 'v'] })) };
      return () => selects(selector, labels);
    },
  },
  {
    name: 'a StatefulSet with claims',
    size: 2000,
    short: 200,
    prepare: (size) => workedOn(statefulSet({ replicas: 1, volumeClaimTemplates: times(size, claim) })),
  },
  {
    name: 'a Service whose ports have names',
    size: 4000,
    short: 400,
    prepare: (size) => {
      const ports = times(size, (i) => ({ name: `p${i}`, containerPort: 1 + i, protocol: 'TCP' }));
      const backend = readyPod('p', { containers: [{ name: 'web', image: 'x', ports }] });
      const spec = { selector: { app: 'web' }, ports: times(size, (i) => ({ name: `p${i}`, port: 1 + i, targetPort: `p${size - 1 - i}`, protocol: 'TCP' })) };
      const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: metadata('s'), spec };
      return workedOn(service, backend);
    },
  },
  {
    name: 'a Deployment with old ReplicaSets',
    size: 2000,
    short: 200,
    prepare: (size) =>
      workedOn(
        deployment({ revisionHistoryLimit: size }),
        ...times(size, (i) =>
          replicaSet({ replicas: 0, template: template(`x:${i}`) }, { metadata: { name: `web-${i}`, uid: `u${i}`, labels: { app: 'web' } } }),
        ),
      ),
  },
  {
    name: 'an object with owners that are gone',
    size: 10_000,
    prepare: (size) => {
      const ownerReferences = times(size, (i) => ({ apiVersion: 'v1', kind: 'Pod', name: `p${i}`, uid: `u${i}` }));
      return workedOn({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata('c'), ownerReferences } });
    },
  },
  {
    name: 'a Job with indexes',
    size: 2000,
    short: 200,
    prepare: (size) => workedOn(job({ parallelism: size, completions: size, completionMode: 'Indexed' })),
  },
  { name: 'a pod with containers', size: 4000, short: 400, prepare: (size) => started({ containers: times(size, (i) => ({ name: `c${i}`, image: 'x' })) }) },
  {
    name: 'a pod with sidecars',
    size: 4000,
    short: 400,
    prepare: (size) => started({ initContainers: times(size, (i) => ({ name: `c${i}`, image: 'x', restartPolicy: 'Always' })) }),
  },
  { name: 'a script', size: 16_000, prepare: (size) => () => script('sleep 1 && '.repeat(size / 11)) },
  { name: 'a script of quotes', size: 16_000, prepare: (size) => () => script('"\\"'.repeat(size / 3)) },
  { name: 'a script of words', size: 16_000, prepare: (size) => () => script(`echo ${'"$x"$y'.repeat(size / 6)}`) },
  { name: 'a script of substitutions', size: 16_000, prepare: (size) => () => script(`echo ${'$('.repeat(size / 2)}`) },
  { name: 'a script of parentheses', size: 16_000, prepare: (size) => () => script('('.repeat(size)) },
  { name: 'a script of sums', size: 16_000, prepare: (size) => () => script(`echo $((${'1+'.repeat(size / 2)}1))`) },
  { name: 'a script of braces', size: 16_000, prepare: (size) => () => script(`echo ${'{a,b}'.repeat(size / 5)}`) },
  { name: 'a script of loops', size: 16_000, prepare: (size) => () => script('for i in 1 2 3; do '.repeat(size / 19)) },
  { name: 'a script that counts', size: 16_000, prepare: (size) => () => script(`i=0; while [ $i -lt ${size} ]; do i=$((i+1)); done`) },
  { name: 'a script that writes', size: 16_000, prepare: (size) => () => script('echo x >> /tmp/x; '.repeat(size / 18)) },
  { name: 'a pattern of stars', size: 16_000, prepare: (size) => () => script(`case ${'a'.repeat(size / 2)} in ${'*a'.repeat(size / 4)}b) exit 1;; esac`) },
];
