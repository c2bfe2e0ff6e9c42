import type { APIService, HorizontalPodAutoscaler } from '../../../core/schema/generated/kinds.ts';
import type { Client, Target } from '../client.ts';
import * as manifests from '../manifests.ts';

/** Puts load on a Deployment and takes it off, with an autoscaler whose bounds change under it; and scales it itself. */
export class Autoscaled {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    await this.#deeds[this.#client.chance.weighted({ begin: 2, load: 4, bound: 3, scale: 1 })]();
  }

  readonly #deeds = {
    begin: async () => {
      const { chance } = this.#client;
      await this.#client.create('apiservices.apiregistration.k8s.io', metrics);
      const { spec, ...deployment } = manifests.deployment(chance, NAMESPACE, NAME);
      await this.#client.create('deployments.apps', { ...deployment, spec: { ...spec!, replicas: 1 } });
      await this.#client.create(AUTOSCALERS, this.#autoscaler());
    },
    load: () =>
      this.#patch('deployments.apps', { metadata: { annotations: { 'load.logplane.dev/cpu': this.#client.chance.pick(['10m', '500m', '1', '4']) } } }),
    bound: () => this.#patch(AUTOSCALERS, { spec: this.#bounds() }),
    scale: () => this.#client.scale({ resource: 'deployments.apps', namespace: NAMESPACE, name: NAME }, this.#client.chance.whole(1, 8)),
  };

  #patch(resource: Target['resource'], patch: object) {
    return this.#client.patch({ resource, namespace: NAMESPACE, name: NAME }, patch, 'application/merge-patch+json');
  }

  #bounds() {
    const minReplicas = this.#client.chance.whole(1, 3);
    return { minReplicas, maxReplicas: minReplicas + this.#client.chance.whole(0, 4) };
  }

  #autoscaler(): HorizontalPodAutoscaler {
    return {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        ...this.#bounds(),
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
        behavior: { scaleDown: { stabilizationWindowSeconds: this.#client.chance.pick([0, 60]) } },
      },
    };
  }
}

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
const NAMESPACE = 'default';
const NAME = 'autoscaled';

/** What metrics-server leaves, so that the resource metrics API is served (docs/load.md). */
const metrics: APIService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io' },
  spec: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace: 'kube-system', name: 'metrics' },
  },
};
