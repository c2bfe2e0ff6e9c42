import type { Node, StatefulSet } from '../../../core/schema/generated/kinds.ts';
import type { Client, Target } from '../client.ts';
import * as manifests from '../manifests.ts';

/** Loses the machines of nodes and finds them again, under the pods of a StatefulSet that do not wait long for them. */
export class LostNodes {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    await this.#client.create('statefulsets.apps', this.#statefulSet());
    const node: Target = { resource: 'nodes', namespace: '', name: `node-${chance.whole(1, 3)}` };
    const lose = (lost: 'true' | null) => this.#client.patch(node, { metadata: { annotations: { [LOST]: lost } } }, 'application/merge-patch+json');
    await lose('true');
    // For less than it takes to be noticed; until pods are evicted; for good.
    await this.#client.pause(chance.pick([1_000, 20_000, 75_000, 100_000]));
    if (chance.happens(0.7)) await lose(null);
  }

  #statefulSet(): StatefulSet {
    const { chance } = this.#client;
    const { spec, ...rest } = manifests.statefulSet(chance, 'default', 'keeper');
    const { volumeClaimTemplates: _, template, ...others } = spec!;
    const tolerations = ['unreachable', 'not-ready'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: chance.pick([0, 5]),
    }));
    return {
      ...rest,
      spec: { ...others, replicas: 3, template: { ...template, spec: { ...template.spec!, terminationGracePeriodSeconds: chance.pick([1, 5]), tolerations } } },
    };
  }
}

export const LOST = 'logplane.dev/lost';

/** Longer than a pod stays that asks for nothing else: 50 s until the loss is told, 300 s of toleration, and what the taints take. */
export const LOST_FOR_LONG_MS = 400_000;

export const isLost = ({ metadata }: Node): boolean => metadata.annotations?.[LOST] !== undefined;

export function found(node: Node): Node {
  const { [LOST]: _, ...annotations } = node.metadata.annotations ?? {};
  return { ...node, metadata: { ...node.metadata, annotations } };
}
