import type { PodDisruptionBudget } from '../../../core/schema/generated/kinds.ts';
import type { Client, Target } from '../client.ts';
import * as manifests from '../manifests.ts';

/** Drains nodes, evicts pods (several at once) and has more important ones preempt them, where budgets allow some of that; and changes what budgets allow. */
export class Evictions {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    const name = chance.pick(names);
    await this.#deeds[chance.weighted({ deploy: 2, bound: 2, evict: 4, drain: 2, urge: 2, relax: 1 })](name);
  }

  readonly #deeds = {
    deploy: async (name: string) => {
      const { chance } = this.#client;
      const { spec, ...deployment } = manifests.deployment(chance, NAMESPACE, name);
      await this.#client.create('deployments.apps', { ...deployment, spec: { ...spec!, replicas: chance.whole(3, 5) } });
    },
    bound: async (name: string) => {
      const minAvailable = this.#client.chance.whole(1, 4);
      const target: Target = { resource: 'poddisruptionbudgets.policy', namespace: NAMESPACE, name };
      const written = await this.#client.patch(target, { spec: { minAvailable } }, 'application/merge-patch+json');
      if (written === 'refused') await this.#client.create('poddisruptionbudgets.policy', budget(name, minAvailable));
    },
    evict: (name: string) => this.#evictAll(({ labels }) => labels?.['app'] === name),
    drain: async () => {
      const node: Target = { resource: 'nodes', namespace: '', name: `node-${this.#client.chance.whole(1, 3)}` };
      const cordon = (unschedulable: boolean) => this.#client.patch(node, { spec: { unschedulable } }, 'application/merge-patch+json');
      await cordon(true);
      await this.#evictAll((_metadata, nodeName) => nodeName === node.name);
      await cordon(false);
    },
    urge: async (name: string) => {
      const { chance } = this.#client;
      const pod = manifests.pod(chance, NAMESPACE, `urgent-${name}`);
      const containers = pod.spec!.containers.map((main) => ({ ...main, resources: { requests: { cpu: chance.pick(['700m', '1500m']), memory: '64Mi' } } }));
      await this.#client.create('pods', { ...pod, spec: { ...pod.spec!, containers, priorityClassName: 'system-cluster-critical' } });
    },
    relax: (name: string) => this.#client.delete({ resource: 'pods', namespace: NAMESPACE, name: `urgent-${name}` }),
  };

  /** As `kubectl drain` does, but once: what a budget keeps is left. */
  async #evictAll(isMeant: (metadata: { labels?: Record<string, string> }, nodeName: string | undefined) => boolean): Promise<void> {
    const pods = await this.#client.list('pods', NAMESPACE, 500);
    const meant = (pods ?? []).filter(({ metadata, spec }) => names.includes(metadata.labels?.['app'] ?? '') && isMeant(metadata, spec!.nodeName));
    await Promise.all(meant.map(({ metadata: { name } }) => this.#client.evict(NAMESPACE, name)));
  }
}

const NAMESPACE = 'default';
const names = ['guarded-1', 'guarded-2'];

const budget = (name: string, minAvailable: number): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: NAMESPACE },
  spec: { minAvailable, selector: { matchLabels: { app: name } } },
});
