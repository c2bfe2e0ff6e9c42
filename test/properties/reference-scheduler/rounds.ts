import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import { clusterInstant } from '../../../core/instant.ts';
import { type KubeObject, parseKey } from '../../../core/kube/object.ts';
import { userNamed } from '../../../core/kube/user.ts';
import { apply } from '../../../core/reconcile/apply.ts';
import { schedulerReconciler } from '../../../core/scheduler/scheduler.ts';
import type { Pod } from '../../../core/schema/generated/kinds.ts';
import { evolve } from '../../../core/state/evolve.ts';
import { State } from '../../../core/state/state.ts';
import { seededEnv } from '../../../core/testing/env.ts';
import { keyOfObject, stored } from '../../../core/testing/state.ts';
import { Chance } from '../../simulation/chance.ts';
import { reasonsAgainst } from './filters.ts';
import { RandomCluster } from './random-cluster.ts';
import { scoresOf } from './scores.ts';
import type { World } from './world.ts';

const NOW = clusterInstant('2026-01-02T00:00:00Z');
const actor = userNamed('me');

/** A cluster that is changed at random between the passes of the scheduler: what it keeps from one to the next has to follow. */
export class Rounds {
  /** What was found wrong. */
  readonly faults: string[] = [];
  /** How many decisions were held against the reference. */
  decisions = 0;
  readonly #chance: Chance;
  readonly #random: RandomCluster;
  readonly #scheduler = schedulerReconciler();
  readonly #env;
  #state = State.empty;

  constructor(seed: string) {
    this.#chance = new Chance(seed);
    this.#env = seededEnv({ seed: this.#chance.whole(1, 1_000_000) });
    this.#random = new RandomCluster(this.#chance);
    for (const object of this.#random.objects()) this.#put(object);
  }

  #put(object: KubeObject): void {
    const key = keyOfObject(object);
    const { resource, namespace, name } = parseKey(key);
    const written = { key, object: stored(object, NOW), actor };
    const isThere = this.#state.get(resource, namespace, name) !== undefined;
    this.#state = evolve(this.#state, [isThere ? { type: 'MODIFIED', ...written } : { type: 'ADDED', ...written }], { time: NOW }).state;
  }

  #remove(object: KubeObject): void {
    this.#state = evolve(this.#state, [{ type: 'DELETED', key: keyOfObject(object), actor }], { time: NOW }).state;
  }

  /** Something happens to the cluster. */
  change(): void {
    const chance = this.#chance;
    const [node, pod] = [chance.pick(this.#state.list('nodes')), chance.pick(this.#state.list('pods'))];
    switch (chance.weighted({ pod: 5, bound: 2, label: 1, gone: 2, node: 1, lost: 0.5 })) {
      case 'pod':
        this.#put(this.#random.pod());
        break;
      case 'bound':
        if (node) this.#put(this.#random.pod(node));
        break;
      case 'label':
        if (pod) this.#put({ ...pod, metadata: { ...pod.metadata, labels: { app: chance.pick(['web', 'db']) } } });
        break;
      case 'gone':
        if (pod) this.#remove(pod);
        break;
      case 'node':
        this.#put(this.#random.node(`n${chance.whole(0, 14)}`));
        break;
      case 'lost':
        if (node) this.#remove(node);
    }
  }

  /** A pass of the scheduler; each of its decisions is held against the reference. */
  pass(): void {
    const plugins = defaultAdmissionPlugins;
    const pass = { state: this.#state, changes: undefined, due: [], failures: [], waiting: new Set<never>(), plugins, now: NOW, env: this.#env };
    const { mutations } = this.#scheduler.reconcile(pass);
    const pods = new Map(this.#state.list('pods').map((pod) => [keyOfObject(pod), pod]));
    for (const mutation of mutations) {
      const world = { ...this.#others(), pods: [...pods.values()] };
      if (mutation.type === 'bind') {
        const pod = this.#state.get('pods', mutation.namespace, mutation.name)!;
        this.#checkPlace(pod, mutation.node, world);
        pods.set(keyOfObject(pod), { ...pod, spec: { ...pod.spec!, nodeName: mutation.node } });
      } else if (mutation.type === 'update' && mutation.resource === 'pods') {
        this.#checkMessage(mutation.object as Pod, world);
      } else continue;
      this.decisions++;
    }
    ({ state: this.#state } = apply(this.#state, mutations, { env: this.#env, now: NOW, plugins }));
  }

  #others(): Omit<World, 'pods'> {
    const state = this.#state;
    const [nodes, namespaces] = [state.list('nodes'), state.list('namespaces')];
    return { nodes, namespaces, services: state.list('services'), replicaSets: state.list('replicasets.apps') };
  }

  #checkPlace(pod: Pod, name: string, world: World): void {
    const node = world.nodes.find(({ metadata }) => metadata.name === name)!;
    const place = `${pod.metadata.name} on ${name}`;
    const reasons = reasonsAgainst(pod, node, world);
    if (reasons.length > 0) {
      this.faults.push(`${place}, against ${reasons.join(', ')}`);
      return;
    }
    const feasible = world.nodes.filter((one) => reasonsAgainst(pod, one, world).length === 0);
    const scores = scoresOf(pod, feasible, world);
    if (scores[feasible.indexOf(node)] === Math.max(...scores)) return;
    this.faults.push(`${place}, of ${feasible.map(({ metadata }, i) => `${metadata.name}: ${scores[i]}`).join(', ')}`);
  }

  /** Each node has its reasons, and is counted under them. */
  #checkMessage(pod: Pod, world: World): void {
    const { message } = pod.status!.conditions!.find(({ type }) => type === 'PodScheduled')!;
    const counts = new Map<string, number>();
    for (const node of world.nodes) {
      const reasons = reasonsAgainst(pod, node, world);
      if (reasons.length === 0) this.faults.push(`${pod.metadata.name} nowhere, though it can be on ${node.metadata.name}`);
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
    const all = world.nodes.length;
    const told = all === 0 ? 'no nodes available to schedule pods' : `0/${all} nodes are available: ${texts.join(', ')}. `;
    if (!`${message} `.startsWith(told)) this.faults.push(`${pod.metadata.name}: ${message}; ${told}`);
  }
}
