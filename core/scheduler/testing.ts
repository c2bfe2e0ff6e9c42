import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { resourceByGroupResource } from '../apis/registry.ts';
import { defaulted } from '../apis/testing.ts';
import { decision } from '../decide/testing.ts';
import { type Env, idsFrom } from '../env.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Attributed, PassResult } from '../reconcile/reconciler.ts';
import type { EventObject, Node, Pod, PodSpec, Taint } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { resourceNameOf, stateOf } from '../state/testing.ts';
import type { ClusterInfo } from './framework.ts';
import { nodeInfos } from './node-infos.ts';
import { schedulerReconciler } from './scheduler.ts';

/** What the scheduler's tests share: the smallest pods and nodes, and a cluster in which nothing but the scheduler runs. */

export const NOW = Date.parse('2026-01-01T00:00:00Z');

export function seededEnv(seed = 1): Env {
  let last = seed;
  const random = {
    next: () => {
      last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
      return last / 2 ** 32;
    },
  };
  return { clock: { now: () => NOW, elapsed: () => NOW, sleep: async () => {}, turn: async () => {} }, random, ids: idsFrom(random) };
}

interface PodOptions extends Partial<PodSpec> {
  labels?: Record<string, string>;
  /** cpu, memory, … of its only container. */
  requests?: Record<string, string>;
  created?: string;
  phase?: string;
}

export function pod(name: string, { labels, requests, created = '2026-01-01T00:00:00Z', phase = 'Pending', ...spec }: PodOptions = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: created, generation: 1, ...(labels && { labels }) },
    spec: { containers: [{ name: 'c', image: 'i', ...(requests && { resources: { requests } }) }], schedulerName: 'default-scheduler', ...spec },
    status: { phase },
  };
}

interface NodeOptions {
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
  allocatable?: Record<string, string>;
}

export const node = (name: string, { labels, taints, unschedulable, allocatable }: NodeOptions = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
  status: { allocatable: { cpu: '4', memory: '16Gi', pods: '110', ...allocatable } },
});

export const clusterOf = (...objects: readonly KubeObject[]): ClusterInfo => {
  const state = stateOf(objects);
  return { state, nodes: [...state.view(nodeInfos).all] };
};

/** A cluster with the scheduler at work: what it wants is decided as in production, and it sees what changed. */
export class SchedulerCluster {
  state: State;
  readonly #scheduler = schedulerReconciler();
  readonly #env = seededEnv();
  #changes: Change[] | undefined;
  #due: string[] = [];

  constructor(...objects: readonly KubeObject[]) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', uid: 'uid-default' } };
    this.state = stateOf([namespace, ...objects].map((object) => defaulted(resourceByGroupResource(resourceNameOf(object))!.strategy, object)));
  }

  /** One pass: what the scheduler wants, laid over the state. */
  pass(): readonly Attributed[] {
    const { mutations, wakeups } = this.#reconcile();
    this.#changes = [];
    this.#due = [...wakeups.keys()];
    for (const mutation of mutations) this.change(mutation, mutation.actor);
    return mutations;
  }

  /** Passes until there is nothing left to do; how many wrote something. */
  settle(): number {
    for (let passes = 0; passes < 100; passes++) if (this.pass().length === 0 && this.#due.length === 0) return passes;
    throw new Error('the scheduler does not come to rest');
  }

  change(mutation: Mutation, actor = userNamed('test')): void {
    const { events } = decision(this.state, mutation, { env: this.#env, now: NOW, actor });
    const { state, changes } = evolve(this.state, events, { time: NOW });
    this.state = state;
    this.#changes?.push(...changes);
  }

  update(resource: string, object: KubeObject, subresource?: 'status'): void {
    const { resourceVersion: _, uid: _u, ...metadata } = object.metadata;
    this.change({ type: 'update', resource, object: { ...object, metadata }, ...(subresource && { subresource }) });
  }

  pod(name: string): Pod {
    return this.state.get<Pod>('pods', 'default', name)!;
  }

  /** `p1@a`, or `p2: why not`. */
  places(): string[] {
    return this.state.list<Pod>('pods').map(({ metadata: { name }, spec, status }) => {
      const waits = status?.conditions?.find(({ type }) => type === 'PodScheduled');
      return spec!.nodeName ? `${name}@${spec!.nodeName}` : `${name}: ${waits?.message ?? 'not looked at'}`;
    });
  }

  events(): string[] {
    return this.state.list<EventObject>('events').map(({ type, reason, message, count }) => `${type} ${reason} x${count} ${message}`);
  }

  #reconcile(): PassResult {
    return this.#scheduler.reconcile({
      state: this.state,
      changes: this.#changes,
      due: this.#due,
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: NOW,
      env: this.#env,
    });
  }
}
