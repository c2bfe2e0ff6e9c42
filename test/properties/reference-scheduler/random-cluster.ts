import type { KubeObject } from '../../../core/kube/object.ts';
import type { Affinity, Namespace, Node, Pod, PodAffinityTerm, ReplicaSet, Service } from '../../../core/schema/generated/kinds.ts';
import type { Chance } from '../../simulation/chance.ts';

/** The objects of a small random cluster, in which nodes and pods have few values in common, so that most rules apply to some of them. */
export class RandomCluster {
  readonly #chance: Chance;
  #made = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** What is there at the beginning. */
  objects(): KubeObject[] {
    const nodes = Array.from({ length: this.#chance.whole(1, 12) }, (_, i) => this.node(`n${i}`));
    return [...NAMESPACES, ...SERVICES, REPLICA_SET, ...nodes, ...Array.from({ length: this.#chance.whole(0, 20) }, () => this.pod(this.#chance.pick(nodes)))];
  }

  node(name: string): Node {
    const chance = this.#chance;
    const maybe = (probability: number, labels: Record<string, string>) => (chance.happens(probability) ? labels : {});
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          ...maybe(0.95, { 'kubernetes.io/hostname': name }),
          ...maybe(0.85, { 'topology.kubernetes.io/zone': chance.pick(['z1', 'z2', 'z3']) }),
          ...maybe(0.5, { disk: chance.pick(['ssd', 'hdd']) }),
          ...maybe(0.5, { rank: String(chance.whole(1, 4)) }),
        },
      },
      spec: {
        ...(chance.happens(0.05) && { unschedulable: true }),
        ...(chance.happens(0.3) && {
          taints: [
            { key: chance.pick(['a', 'b']), ...(chance.happens(0.5) && { value: 'v' }), effect: chance.pick(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) },
          ],
        }),
      },
      status: {
        allocatable: {
          cpu: `${chance.whole(1, 4)}`,
          memory: `${chance.whole(1, 8)}Gi`,
          pods: String(chance.whole(3, 20)),
          ...(chance.happens(0.3) && { 'example.com/gpu': String(chance.whole(0, 2)) }),
        },
        ...(chance.happens(0.5) && { images: [{ names: [this.#image()], sizeBytes: chance.whole(1, 900) * 2 ** 20 }] }),
      },
    };
  }

  /** A pod on a node, or one that waits. */
  pod(on?: Node): Pod {
    const chance = this.#chance;
    const name = `p${this.#made++}`;
    const container = () => ({
      name: `c${this.#made++}`,
      image: this.#image(),
      resources: {
        requests: {
          ...(chance.happens(0.6) && { cpu: `${chance.whole(0, 9) * 100}m` }),
          ...(chance.happens(0.6) && { memory: `${chance.whole(0, 900)}Mi` }),
          ...(chance.happens(0.1) && { 'example.com/gpu': '1' }),
        },
      },
      ...(chance.happens(0.15) && {
        ports: [{ containerPort: 80, hostPort: chance.whole(80, 82), ...(chance.happens(0.3) && { hostIP: chance.pick(['10.0.0.1', '10.0.0.2']) }) }],
      }),
    });
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: chance.pick(['default', 'default', 'other']),
        labels: { app: this.#app(), ...(chance.happens(0.5) && { tier: chance.pick(['x', 'y']) }) },
        ...(chance.happens(0.2) && { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-web', controller: true }] }),
        ...(on && chance.happens(0.1) && { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] }),
      },
      spec: {
        schedulerName: 'default-scheduler',
        containers: Array.from({ length: chance.whole(1, 2) }, container),
        ...(chance.happens(0.2) && { initContainers: [{ ...container(), ...(chance.happens(0.5) && { restartPolicy: 'Always' }) }] }),
        ...(chance.happens(0.1) && { overhead: { cpu: '50m' } }),
        ...(chance.happens(0.1) && { resources: { requests: { cpu: '2' } } }),
        ...(chance.happens(0.15) && { nodeSelector: { disk: 'ssd' } }),
        ...(chance.happens(0.4) && { tolerations: [this.#toleration()] }),
        ...(chance.happens(0.6) && { affinity: this.#affinity() }),
        ...(chance.happens(0.4) && { topologySpreadConstraints: Array.from({ length: chance.whole(1, 2) }, () => this.#spread()) }),
        ...(on && { nodeName: on.metadata.name }),
      },
      status: { phase: on ? chance.pick(['Running', 'Running', 'Running', 'Succeeded']) : 'Pending' },
    };
  }

  #toleration() {
    const chance = this.#chance;
    return {
      ...(chance.happens(0.8) ? { key: chance.pick(['a', 'b']), operator: chance.pick(['Exists', 'Equal']) } : { operator: 'Exists' }),
      ...(chance.happens(0.4) && { effect: chance.pick(['NoSchedule', 'PreferNoSchedule']) }),
    };
  }

  #affinity(): Affinity {
    const chance = this.#chance;
    const expression = () =>
      chance.pick([
        { key: 'disk', operator: 'In', values: ['ssd', 'nvme'] },
        { key: 'disk', operator: 'NotIn', values: ['hdd'] },
        { key: 'disk', operator: 'Exists' },
        { key: 'rank', operator: 'DoesNotExist' },
        { key: 'rank', operator: 'Gt', values: ['2'] },
        { key: 'rank', operator: 'Lt', values: ['3'] },
      ]);
    const nodeTerm = () => ({ matchExpressions: Array.from({ length: chance.whole(0, 2) }, expression) });
    const podTerms = () => ({
      ...(chance.happens(0.5) && { requiredDuringSchedulingIgnoredDuringExecution: Array.from({ length: chance.whole(1, 2) }, () => this.#term()) }),
      ...(chance.happens(0.5) && {
        preferredDuringSchedulingIgnoredDuringExecution: Array.from({ length: chance.whole(1, 2) }, () => ({
          weight: chance.whole(1, 100),
          podAffinityTerm: this.#term(),
        })),
      }),
    });
    return {
      ...(chance.happens(0.4) && {
        nodeAffinity: {
          ...(chance.happens(0.4) && { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [nodeTerm(), nodeTerm()] } }),
          ...(chance.happens(0.6) && { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: chance.whole(1, 100), preference: nodeTerm() }] }),
        },
      }),
      ...(chance.happens(0.4) && { podAffinity: podTerms() }),
      ...(chance.happens(0.4) && { podAntiAffinity: podTerms() }),
    };
  }

  #term(): PodAffinityTerm {
    const chance = this.#chance;
    return {
      topologyKey: this.#topologyKey(),
      labelSelector: this.#selector(),
      ...(chance.happens(0.2) && { namespaces: ['other'] }),
      ...(chance.happens(0.2) && { namespaceSelector: chance.pick([{}, { matchLabels: { team: 'x' } }]) }),
    };
  }

  #spread() {
    const chance = this.#chance;
    return {
      topologyKey: this.#topologyKey(),
      maxSkew: chance.whole(1, 3),
      ...(chance.happens(0.5)
        ? { whenUnsatisfiable: 'ScheduleAnyway' }
        : { whenUnsatisfiable: 'DoNotSchedule', ...(chance.happens(0.3) && { minDomains: chance.whole(1, 4) }) }),
      labelSelector: this.#selector(),
      ...(chance.happens(0.3) && { nodeAffinityPolicy: 'Ignore' }),
      ...(chance.happens(0.3) && { nodeTaintsPolicy: 'Honor' }),
    };
  }

  #topologyKey = () => this.#chance.pick(['kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'disk']);
  #app = () => this.#chance.pick(['web', 'db', 'cache']);
  #image = () => this.#chance.pick(['web:1', 'db:2', 'cache:3']);
  #selector = () =>
    this.#chance.pick<NonNullable<PodAffinityTerm['labelSelector']>>([
      { matchLabels: { app: this.#app() } },
      { matchLabels: { app: this.#app() } },
      { matchExpressions: [{ key: 'tier', operator: 'In', values: ['x'] }] },
      { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      {},
    ]);
}

const NAMESPACES: readonly Namespace[] = ['default', 'other'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...(name === 'other' && { labels: { team: 'x' } }) },
}));

const SERVICES: readonly Service[] = [
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'default' }, spec: { selector: { app: 'db' } } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cache', namespace: 'other' }, spec: { selector: { app: 'cache' } } },
];

const REPLICA_SET: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } } },
};
