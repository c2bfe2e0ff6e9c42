import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { type Env, idsFrom } from '../env.ts';
import { type Key, type KubeObject, keyOf, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Attributed, Reconciler } from '../reconcile/reconciler.ts';
import type { Container, Pod, PodSpec } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { assume } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { resourceNameOf, stateOf } from '../state/testing.ts';
import { nodeObjects } from './node-objects.ts';
import { nodesReconciler } from './nodes.ts';
import { simulatedRuntime } from './runtimes/simulated.ts';

/** What the unit tests of the node agents share. */

export const START = Date.parse('2026-01-01T00:00:00Z');

/** A pod of one container, bound to node-1, as the API keeps it. */
export function pod({ name = 'web', labels, spec, container, metadata, ...rest }: PodOptions = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, generation: 1, ...(labels && { labels }), ...metadata },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      containers: [{ name: 'main', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent', ...container }],
      ...spec,
    },
    status: { phase: 'Pending', qosClass: 'BestEffort', ...rest.status },
  };
}

export interface PodOptions {
  name?: string;
  labels?: Record<string, string>;
  spec?: Partial<PodSpec>;
  container?: Partial<Container>;
  metadata?: Partial<Pod['metadata']>;
  status?: Pod['status'];
}

/** A cluster in memory with node agents that run as the runner runs them: until quiet, at each time at which they asked to be run. */
export class TestCluster {
  now = START;
  #state: State;
  readonly #reconciler: Reconciler;
  #changes: Change[] | undefined;
  #wakeups = new Map<Key, number>();
  #random = 0;
  #offset: number;
  /** Every status that a watch of pods would have shown, and `deleted`. */
  readonly seen: { name: string; status: Pod['status'] | 'deleted' }[] = [];
  readonly events: KubeObject[] = [];
  /** All mutations, in their order. */
  readonly mutations: Attributed[] = [];

  constructor(objects: readonly KubeObject[], { nodes = 1, reconciler = nodesReconciler({ runtime: simulatedRuntime }) } = {}) {
    const all = [...nodeObjects(nodes, START), ...objects];
    this.#state = stateOf(all);
    this.#offset = all.length;
    this.#reconciler = reconciler;
  }

  /** Runs the agents now. */
  run(): this {
    for (let round = 0; ; round++) {
      if (round === 20) throw new Error('the agents do not come to rest');
      const due = round === 0 ? [...this.#wakeups].filter(([, at]) => at <= this.now).map(([key]) => key) : [];
      for (const key of due) this.#wakeups.delete(key);
      const { mutations, wakeups } = this.#reconciler.reconcile({
        state: this.#state,
        changes: this.#changes,
        due,
        failures: [],
        waiting: new Set(),
        plugins: defaultAdmissionPlugins,
        now: this.now,
        env: this.#env,
      });
      for (const [key, at] of wakeups) {
        if (at === undefined) this.#wakeups.delete(key);
        else this.#wakeups.set(key, at);
      }
      this.#changes = [];
      for (const mutation of mutations) this.#carryOut(mutation);
      if (mutations.length === 0) return this;
    }
  }

  /** Runs the agents at every time they asked for, up to so many seconds after the start. */
  runUntil(seconds: number): this {
    const end = START + seconds * 1000;
    this.run();
    for (let next = this.nextWakeup(); next !== undefined && next <= end; next = this.nextWakeup()) {
      this.now = next;
      this.run();
    }
    this.now = end;
    return this;
  }

  nextWakeup(): number | undefined {
    return this.#wakeups.size === 0 ? undefined : Math.min(...this.#wakeups.values());
  }

  /** The agents forget what they looked at, as a new process has. */
  forget(): this {
    this.#changes = undefined;
    this.#wakeups.clear();
    return this;
  }

  /** Somebody else creates or changes an object. */
  put(object: KubeObject): this {
    return this.#change(keyOf(resourceNameOf(object), object.metadata.namespace, object.metadata.name), object);
  }

  remove(key: Key): this {
    return this.#change(key, undefined);
  }

  pod(name = 'web'): Pod | undefined {
    return this.#state.get<Pod>('pods', 'default', name);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#state.get(resource, namespace, name);
  }

  /** Deletes a pod as the API does when a client asks. */
  delete(name = 'web', gracePeriodSeconds = 30): this {
    const { metadata, ...rest } = this.pod(name)!;
    const deletionTimestamp = timestamp(this.now + gracePeriodSeconds * 1000);
    return this.put({ ...rest, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds } });
  }

  #carryOut(mutation: Attributed): void {
    this.mutations.push(mutation);
    if (mutation.type === 'create') {
      if (mutation.resource === 'events') this.events.push(mutation.object);
      this.put({ ...mutation.object, metadata: { ...mutation.object.metadata, uid: `uid-of-${mutation.object.metadata.name}` } });
    } else if (mutation.type === 'update') {
      const { namespace, name } = mutation.object.metadata;
      const before = this.#state.get(mutation.resource, namespace, name)!;
      const object = mutation.subresource === 'status' ? { ...before, status: mutation.object.status } : { ...mutation.object, status: before.status };
      if (mutation.resource === 'pods') this.seen.push({ name, status: object.status });
      this.#change(keyOf(mutation.resource, namespace, name), object);
    } else if (mutation.type === 'delete') {
      const { resource, namespace, name } = mutation;
      const before = this.#state.get(resource, namespace, name)!;
      if (before.metadata.finalizers?.length) {
        this.#change(keyOf(resource, namespace, name), { ...before, metadata: { ...before.metadata, deletionGracePeriodSeconds: 0 } });
      } else {
        this.seen.push({ name, status: 'deleted' });
        this.remove(keyOf(resource, namespace, name));
      }
    }
  }

  #change(key: Key, object: KubeObject | undefined): this {
    const [resource, namespace, name] = key.split('/') as [string, string, string];
    const previous = this.#state.get(resource, namespace, name);
    const offset = ++this.#offset;
    const next = object && { ...object, metadata: { ...object.metadata, resourceVersion: String(offset) } };
    this.#state = assume(this.#state, key, next);
    const type = !next ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
    this.#changes?.push({ offset, type, key, object: next ?? previous!, ...(previous && { previous }), actor: userNamed('test'), time: this.now });
    return this;
  }

  get #env(): Env {
    // Enough for IDs that differ, and the same in every run.
    const random = { next: () => (this.#random = (this.#random + 0.381966) % 1) };
    return { clock: { now: () => this.now, elapsed: () => this.now, sleep: async () => {}, turn: async () => {} }, random, ids: idsFrom(random) };
  }
}

/** A pod's status in one line: what `kubectl get pods` makes of it, and more. */
export function line(status: Pod['status'] | 'deleted'): string {
  if (status === 'deleted' || status === undefined) return String(status);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []), ...(status.ephemeralContainerStatuses ?? [])];
  const each = containers.map(({ name, state, ready, restartCount }) => {
    const { waiting, running, terminated } = state ?? {};
    const is = waiting ? waiting.reason : running ? 'running' : terminated ? `${terminated.reason}(${terminated.exitCode})` : 'nothing';
    return `${name}=${is}${ready ? '+ready' : ''}${restartCount ? ` x${restartCount}` : ''}`;
  });
  return [status.phase, ...(status.reason ? [status.reason] : []), ...each].join(' ');
}

/** Reason and message of each Event, as `kubectl describe` lists them. */
export const told = (events: readonly KubeObject[]): string[] => events.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
