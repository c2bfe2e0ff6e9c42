import type { Node, Pod, PodSpec } from '../../../core/schema/generated/kinds.ts';
import type { Client } from '../client.ts';
import * as manifests from '../manifests.ts';

/** Creates pods that are particular about their node, while the taints of nodes come and go: which may be bound where changes while it is decided. */
export class Apart {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    if (chance.happens(0.4)) return this.#client.deleteAll('pods', NAMESPACE, PARTICULAR);
    await Promise.all([this.#taint(), ...names.map((name) => this.#client.create('pods', this.#pod(name)))]);
  }

  async #taint(): Promise<unknown> {
    const { chance } = this.#client;
    const target = { resource: 'nodes' as const, namespace: '', name: `node-${chance.whole(1, 3)}` };
    return this.#client.change(target, (node) => (isTainted(node) ? withoutTaint(node) : withTaint(node)));
  }

  #pod(name: string): Pod {
    const { chance } = this.#client;
    const pod = manifests.pod(chance, NAMESPACE, name);
    const kind = chance.pick(Object.keys(particular) as (keyof typeof particular)[]);
    return { ...pod, metadata: { ...pod.metadata, labels: { app: 'apart', kind } }, spec: particular[kind](pod.spec!) };
  }
}

const NAMESPACE = 'default';
const PARTICULAR = 'app=apart';
const names = ['apart-1', 'apart-2', 'apart-3', 'apart-4', 'apart-5'];

/** How a pod may be particular: its neighbours, its port, its node. */
const particular = {
  alone: (spec: PodSpec): PodSpec => ({
    ...spec,
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { kind: 'alone' } } }],
      },
    },
  }),
  listening: (spec: PodSpec): PodSpec => ({ ...spec, containers: spec.containers.map((main) => ({ ...main, ports: [{ containerPort: 80, hostPort: 80 }] })) }),
  tolerant: (spec: PodSpec): PodSpec => ({ ...spec, tolerations: [{ key: TAINT, operator: 'Exists' }] }),
  rooted: (spec: PodSpec): PodSpec => ({ ...spec, nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }),
};

const TAINT = 'simulation/kept';

export const isTainted = ({ spec }: Node): boolean => spec?.taints?.some(({ key }) => key === TAINT) ?? false;

const withTaint = (node: Node): Node => ({ ...node, spec: { ...node.spec, taints: [...(node.spec?.taints ?? []), { key: TAINT, effect: 'NoSchedule' }] } });

export const withoutTaint = (node: Node): Node => ({ ...node, spec: { ...node.spec, taints: node.spec?.taints?.filter(({ key }) => key !== TAINT) ?? [] } });
