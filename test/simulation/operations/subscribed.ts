import type { ConfigMap } from '../../../core/schema/generated/kinds.ts';
import type { Client } from '../client.ts';

/** Changes what a subscriber is told of, so that many changes of few objects are on their way at once. */
export class Subscribed {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    await this.#client.create('clustersubscriptions.logplane.dev', SUBSCRIPTION);
    const name = chance.pick(['told-1', 'told-2', 'told-3']);
    if (chance.happens(0.1)) return this.#client.delete({ resource: 'configmaps', namespace: 'default', name });
    const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
    await this.#client.create('configmaps', object);
    await this.#client.patch({ resource: 'configmaps', namespace: 'default', name }, { data: { n: String(chance.next()) } }, 'application/merge-patch+json');
  }
}

const SUBSCRIPTION = {
  apiVersion: 'logplane.dev/v1',
  kind: 'ClusterSubscription',
  metadata: { name: 'told' },
  spec: { filter: { resources: ['configmaps'] }, target: { webhook: { url: 'https://subscriber.example/' } } },
};
