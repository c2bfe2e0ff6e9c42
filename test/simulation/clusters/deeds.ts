import type { Cluster } from '../../../core/apis/logplane/cluster.ts';
import type { Offset } from '../../../core/log/event.ts';
import type { ConfigMap } from '../../../core/schema/generated/kinds.ts';
import type { Chance } from '../chance.ts';
import { type Answer, type Http, NoAnswer } from '../http.ts';
import type { Told } from './told.ts';

/** A client that makes, forks, resets and deletes clusters as objects of `root`, and writes, restores and subscribes in them. */
export class Deeds {
  readonly #http: Http;
  readonly #chance: Chance;
  readonly #name: string;
  readonly #told: Told;
  /** The newest offset that it knows of each cluster. */
  readonly #known = new Map<string, Offset>();
  #count = 0;

  constructor({ http, chance, name, told }: { http: Http; chance: Chance; name: string; told: Told }) {
    this.#http = http;
    this.#chance = chance;
    this.#name = name;
    this.#told = told;
  }

  async next(): Promise<void> {
    const cluster = this.#chance.pick(NAMES);
    switch (this.#chance.weighted({ write: 60, remove: 5, restore: 5, subscribe: 4, create: 12, reset: 5, delete: 4 })) {
      case 'write':
        return this.#write(cluster);
      case 'remove':
        return void (await this.#ask('DELETE', cluster, `${CONFIG_MAPS}/${this.#chance.pick(MAPS)}`));
      case 'restore':
        return this.#restore(cluster);
      case 'subscribe':
        return void (await this.#ask('POST', cluster, `${OWN}/clustersubscriptions`, SUBSCRIPTION));
      case 'create':
        return this.#create(cluster);
      case 'reset':
        return void (await this.#ask('PATCH', 'root', `${OWN}/clusters/${cluster}`, { spec: { resetTo: this.#moment(cluster) ?? 'start' } }));
      case 'delete':
        return void (await this.#ask('DELETE', 'root', `${OWN}/clusters/${cluster}`));
    }
  }

  async #write(cluster: string): Promise<void> {
    const name = this.#chance.pick(MAPS);
    const n = `${cluster}/${this.#name}/${++this.#count}`;
    const patched = await this.#ask('PATCH', cluster, `${CONFIG_MAPS}/${name}`, { data: { n } });
    const answer =
      patched?.code === 404 ? await this.#ask('POST', cluster, CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { n } }) : patched;
    if (!answer || answer.code >= 300) return;
    const offset = Number(answer.body.metadata.resourceVersion);
    this.#known.set(cluster, offset);
    this.#told.writes.push({ cluster, name, n, offset });
  }

  async #restore(cluster: string): Promise<void> {
    const at = this.#moment(cluster);
    if (typeof at !== 'number') return;
    const body = { apiVersion: 'logplane.dev/v1', kind: 'Restore', metadata: { generateName: 'r-' }, spec: { at, resources: ['configmaps'], force: true } };
    const answer = await this.#ask('POST', cluster, `${OWN}/namespaces/default/restores`, body);
    if (answer?.code === 201) this.#told.restores.push({ cluster, uid: answer.body.metadata.uid, at });
  }

  async #create(name: string): Promise<void> {
    const forked = this.#chance.pick(NAMES);
    const at = this.#moment(forked);
    const spec = {
      ...(forked !== name && this.#chance.happens(0.7) && { forkOf: { name: forked, ...(at !== undefined && { at }) } }),
      ...(this.#chance.happens(0.25) && { ttl: this.#chance.pick(['1m', '3m']) }),
    };
    const answer = await this.#ask('POST', 'root', `${OWN}/clusters`, { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec });
    if (answer?.code !== 201) return;
    const cluster = answer.body as Cluster;
    this.#told.clusters.push(cluster);
    if (cluster.status?.fork) await this.#look(name, cluster.status.log!);
  }

  /** A fork as it is served right away. It may be gone by now, and another one have its name. */
  async #look(name: string, log: string): Promise<void> {
    const read = await this.#ask('GET', name, CONFIG_MAPS);
    const there = await this.#ask('GET', 'root', `${OWN}/clusters/${name}`);
    if (read?.code !== 200 || there?.code !== 200 || there.body.status.log !== log) return;
    const texts = (read.body.items as ConfigMap[]).map(({ metadata, data }) => `${metadata.name}=${data?.['n']}@${metadata.resourceVersion}`);
    this.#told.forks.push({ log, at: Number(read.body.metadata.resourceVersion), text: texts.join(' ') });
  }

  /** Now, the beginning, or an offset that was told of a cluster of this name, perhaps of another one. */
  #moment(cluster: string): Offset | string | undefined {
    const known = this.#known.get(cluster);
    if (known === undefined || this.#chance.happens(0.2)) return this.#chance.pick(['start', undefined]);
    return this.#chance.happens(0.5) ? known : this.#chance.whole(1, known);
  }

  /** Undefined: there was no answer. */
  async #ask(method: string, cluster: string, path: string, body?: object): Promise<Answer | undefined> {
    try {
      return await this.#http.send({
        cluster,
        method,
        path,
        ...(body && { body }),
        ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
      });
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    }
  }
}

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const MAPS = ['a', 'b', 'c', 'd'];
const OWN = '/apis/logplane.dev/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const SUBSCRIPTION = {
  apiVersion: 'logplane.dev/v1',
  kind: 'ClusterSubscription',
  metadata: { name: 'told' },
  spec: { filter: { resources: ['configmaps'] }, target: { webhook: { url: 'https://subscriber.example/' } } },
};
