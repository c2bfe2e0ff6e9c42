import { objectOf } from '../../core/kube/fields.ts';
import type {
  ConfigMap,
  DaemonSet,
  Deployment,
  Job,
  Namespace,
  Node,
  PersistentVolumeClaim,
  Pod,
  Service,
  StatefulSet,
} from '../../core/schema/generated/kinds.ts';
import type { Chance } from './chance.ts';

/** What clients create. Sizes are such that a cluster's nodes are nearly full now and then. */

const CPUS = ['50m', '100m', '250m', '400m', '700m'];
const MEMORIES = ['32Mi', '64Mi', '256Mi', '1Gi'];

const server = (chance: Chance) => ({
  name: 'main',
  image: `registry.example/web:${chance.whole(1, 5)}`,
  resources: { requests: { cpu: chance.pick(CPUS), memory: chance.pick(MEMORIES) } },
  ports: [{ containerPort: 8080 }],
});

const template = (chance: Chance, app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [server(chance)], terminationGracePeriodSeconds: chance.pick([0, 1, 5, 30]) },
});

const meta = (namespace: string, name: string, app: string) => ({ name, namespace, labels: { app } });

export function deployment(chance: Chance, namespace: string, name: string): Deployment {
  const recreate = chance.happens(0.2);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(namespace, name, name),
    spec: {
      replicas: chance.whole(0, 5),
      selector: { matchLabels: { app: name } },
      template: template(chance, name),
      minReadySeconds: chance.pick([0, 0, 0, 5]),
      revisionHistoryLimit: chance.pick([1, 3, 10]),
      strategy: recreate ? { type: 'Recreate' } : { rollingUpdate: { maxSurge: chance.pick([0, 1, '50%']), maxUnavailable: chance.pick([1, 2, '25%']) } },
    },
  };
}

export function statefulSet(chance: Chance, namespace: string, name: string): StatefulSet {
  const claims = chance.happens(0.4) && [
    { metadata: { name: 'state' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: meta(namespace, name, name),
    spec: {
      serviceName: name,
      replicas: chance.whole(0, 3),
      selector: { matchLabels: { app: name } },
      template: template(chance, name),
      podManagementPolicy: chance.pick(['OrderedReady', 'Parallel']),
      ...(claims && { volumeClaimTemplates: claims.map(objectOf) as PersistentVolumeClaim[] }),
    },
  };
}

export function daemonSet(chance: Chance, namespace: string, name: string): DaemonSet {
  const { metadata, spec } = template(chance, name);
  const containers = [{ ...spec.containers[0], resources: { requests: { cpu: '20m', memory: '16Mi' } } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta(namespace, name, name),
    spec: { selector: { matchLabels: { app: name } }, template: { metadata, spec: { ...spec, containers } } },
  };
}

export function job(chance: Chance, namespace: string, name: string): Job {
  // One that fails and starts again could go on for ever, when it is left without its Job.
  const restartPolicy = chance.pick(['Never', 'OnFailure']);
  const exitCode = restartPolicy === 'Never' && chance.happens(0.5) ? 1 : 0;
  const completions = chance.whole(1, 4);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: meta(namespace, name, name),
    spec: {
      completions,
      parallelism: chance.whole(1, completions),
      backoffLimit: chance.whole(0, 2),
      ...(chance.happens(0.3) && { ttlSecondsAfterFinished: chance.whole(0, 60) }),
      ...(chance.happens(0.2) && { activeDeadlineSeconds: chance.whole(5, 60) }),
      template: {
        metadata: { labels: { app: name } },
        spec: {
          restartPolicy,
          containers: [
            {
              name: 'main',
              image: 'registry.example/task:1',
              command: ['sh', '-c', `sleep ${chance.whole(0, 20)}; exit ${exitCode}`],
              resources: { requests: { cpu: '50m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  };
}

export function pod(chance: Chance, namespace: string, name: string): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: meta(namespace, name, 'bare'), spec: template(chance, 'bare').spec };
}

export function service(_chance: Chance, namespace: string, name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(namespace, name, name),
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

/** Sometimes one that a finalizer holds, sometimes one that does not fit into a record of the table. */
export function configMap(chance: Chance, namespace: string, name: string): ConfigMap {
  return configMapOf(chance, { namespace, name, size: chance.happens(0.01) ? 800_000 : chance.happens(0.1) ? chance.whole(1_000, 20_000) : 10 });
}

/** One of which a record of the table takes one, but not two. */
export const largeConfigMap = (chance: Chance, namespace: string, name: string): ConfigMap => configMapOf(chance, { namespace, name, size: 380_000 });

function configMapOf(chance: Chance, { namespace, name, size }: { namespace: string; name: string; size: number }): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...meta(namespace, name, name), ...(chance.happens(0.2) && { finalizers: [FINALIZER] }) },
    data: { value: noise(chance, size) },
  };
}

export const FINALIZER = 'simulation/hold';

export function namespace(_chance: Chance, name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { app: 'simulation' } } };
}

/** A machine that joins: the node agents do the rest. */
export function node(_chance: Chance, name: string): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { providerID: `logplane:///${name}` } };
}

/** Text that does not compress well. */
function noise(chance: Chance, size: number): string {
  let out = '';
  while (out.length < size) out += Math.floor(chance.next() * 0x1_0000_0000).toString(36);
  return out;
}
