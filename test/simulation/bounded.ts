import type { ResourceQuota } from '../../core/schema/generated/kinds.ts';
import type { Chance } from './chance.ts';
import type { Client, Target } from './client.ts';
import * as manifests from './manifests.ts';

const NAMESPACE = 'bounded';

/** What some clients do for a while in a namespace with a quota: they take of it at once, by as many instances as there are, give back, and change what it allows. */
export class BoundedWorkload {
  readonly #client: Client;
  readonly #chance: Chance;

  constructor(client: Client) {
    this.#client = client;
    this.#chance = client.chance;
  }

  async next(): Promise<void> {
    await this.#deeds[this.#chance.weighted(weights)]();
  }

  /** Allows so much that nothing waits for it any more. Resolves false when it has to be done again. */
  async tidy(): Promise<boolean> {
    if (!(await this.#client.get(QUOTA))) return (await this.#client.get(OWN_NAMESPACE)) === undefined;
    return (await this.#limit({ pods: '999', configmaps: '999', 'requests.cpu': '999' })) === 'acknowledged';
  }

  readonly #deeds: Record<keyof typeof weights, () => Promise<unknown>> = {
    begin: async () => {
      await this.#client.create('namespaces', manifests.namespace(this.#chance, NAMESPACE));
      await this.#client.create('resourcequotas', quota(this.#hard()));
    },
    rush: () => Promise.all(some.map((n) => this.#client.create('configmaps', small(`c-${(n + this.#chance.whole(0, 3)) % 8}`)))),
    rushOfPods: () => Promise.all(some.map((n) => this.#client.create('pods', manifests.pod(this.#chance, NAMESPACE, `p-${n}`)))),
    deploy: () => this.#client.create('deployments.apps', manifests.deployment(this.#chance, NAMESPACE, this.#chance.pick(['one', 'two']))),
    scale: () => this.#client.scale({ resource: 'deployments.apps', namespace: NAMESPACE, name: this.#chance.pick(['one', 'two']) }, this.#chance.whole(0, 5)),
    giveBack: () => this.#client.delete({ resource: 'configmaps', namespace: NAMESPACE, name: `c-${this.#chance.whole(0, 7)}` }),
    giveBackPods: () => this.#client.deleteAll('pods', NAMESPACE, 'app=bare'),
    limit: () => this.#limit(this.#hard()),
  };

  #hard(): Record<string, string> {
    return { pods: String(this.#chance.whole(2, 6)), configmaps: String(this.#chance.whole(3, 7)), 'requests.cpu': this.#chance.pick(['500m', '1', '2500m']) };
  }

  #limit(hard: Record<string, string>) {
    return this.#client.patch(QUOTA, { spec: { hard } }, 'application/merge-patch+json');
  }
}

const OWN_NAMESPACE: Target<'namespaces'> = { resource: 'namespaces', namespace: '', name: NAMESPACE };
const QUOTA: Target<'resourcequotas'> = { resource: 'resourcequotas', namespace: NAMESPACE, name: 'bounds' };

const quota = (hard: Record<string, string>): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: QUOTA.name, namespace: NAMESPACE },
  spec: { hard },
});

const small = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data: { a: 'b' } });

const some = [0, 1, 2, 3];

const weights = { begin: 2, rush: 6, rushOfPods: 4, deploy: 2, scale: 3, giveBack: 4, giveBackPods: 2, limit: 2 };
