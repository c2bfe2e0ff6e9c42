import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { resourceByGroupResource } from '../apis/registry.ts';
import { decision } from '../decide/testing.ts';
import { type Env, idsFrom, systemEnv } from '../env.ts';
import { clone, controllerRef, type KubeObject, type OwnerReference, timestamp } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { apply } from '../reconcile/apply.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { deepFreeze } from '../replica/deep-freeze.ts';
import type { DaemonSet, Deployment, EventObject, Job, Node, Pod, PodTemplateSpec, ReplicaSet, StatefulSet } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { resourceNameOf, stateOf } from '../state/testing.ts';
import type { ControllerContext } from './controller.ts';
import { nodeOf } from './daemonset/daemon-pod.ts';
import { controllersReconciler, controllersWith } from './registry.ts';

/** What the tests of the controllers share: the smallest objects, and a cluster without nodes in which the test plays the kubelet. */

export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Seconds before (or, negative, after) NOW, as a Kubernetes time. */
export const ago = (seconds: number): string => timestamp(NOW - seconds * 1000);

/** Chance from a small linear congruential generator: the same in every run. */
export function seededEnv(seed = 1): Env {
  let last = seed;
  const random = {
    next: () => {
      last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
      return last / 2 ** 32;
    },
  };
  return { clock: { ...systemEnv.clock, now: () => NOW }, random, ids: idsFrom(random) };
}

const labels = { app: 'web' };

export const template = (image = 'nginx:1', more: object = {}): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [{ name: 'web', image }], ...more },
});

const meta = (name: string, more: object = {}) => ({ name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: ago(3600), generation: 1, ...more });

export const deployment = (spec: object = {}, more: object = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('web'),
  spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), progressDeadlineSeconds: 600, ...spec },
  ...more,
});

export const replicaSet = (spec: object = {}, more: { metadata?: object; status?: object } = {}): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: meta('web', more.metadata),
  spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), ...spec },
  ...(more.status && { status: { replicas: 0, ...more.status } }),
});

export const statefulSet = (spec: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: meta('web'),
  spec: { replicas: 3, serviceName: 'web', selector: { matchLabels: labels }, template: template(), ...spec },
});

export const daemonSet = (spec: object = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: meta('web'),
  spec: { selector: { matchLabels: labels }, template: template(), ...spec },
});

export const job = (spec: object = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: meta('pi'),
  spec: { template: { spec: { containers: [{ name: 'pi', image: 'perl' }], restartPolicy: 'Never' } }, ...spec },
});

export const node = (name: string, spec: object = {}, more: object = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name }, ...more },
  spec,
});

interface PodOptions {
  owner?: KubeObject;
  labels?: Record<string, string>;
  metadata?: object;
  spec?: object;
  nodeName?: string;
  phase?: string;
  /** Seconds that it has been ready. */
  readyFor?: number;
  status?: object;
}

export const pod = (name: string, { owner, labels: own = labels, metadata, spec, nodeName, phase = 'Pending', readyFor, status }: PodOptions = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name, { creationTimestamp: ago(60) }),
    labels: own,
    ...(owner && { ownerReferences: [controllerRef(owner) as OwnerReference] }),
    ...metadata,
  },
  spec: { containers: [{ name: 'web', image: 'nginx:1' }], ...(nodeName && { nodeName }), ...spec },
  status: {
    phase: readyFor === undefined ? phase : 'Running',
    ...(readyFor !== undefined && { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }] }),
    ...status,
  },
});

/** A ready pod on a node. */
export const readyPod = (name: string, options: PodOptions = {}): Pod => pod(name, { nodeName: 'node-1', readyFor: 30, ...options });

/**
 * A cluster whose controllers run and whose nodes do nothing: the test moves the pods along. Everything goes through `decide`, as in
 * production, and every object is frozen, so that a controller that changes one in place is found out.
 */
export class Cluster {
  state: State;
  readonly env = seededEnv();
  now = NOW;
  /** Events stay, so that what is waited for is what a test is about. */
  readonly #reconciler: Reconciler = controllersReconciler(controllersWith({ eventTtlMs: 0 }));
  readonly #wakeups = new Map<string, number>();
  #changes: Change[] = [];

  constructor(...objects: readonly KubeObject[]) {
    this.state = stateOf([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', uid: 'uid-default' } }]);
    // Pods that are bound to a node which is not there are garbage.
    if (!objects.some(({ kind }) => kind === 'Node')) this.create(node('node-1'));
    for (const object of objects) this.create(object);
  }

  create<T extends KubeObject>(object: T): T {
    const { uid: _, generation: _g, creationTimestamp: _c, ...metadata } = object.metadata;
    this.#mutate({ type: 'create', resource: resourceNameOf(object), object: clone({ ...object, metadata }) as KubeObject });
    return this.get(object);
  }

  /** Changes an object as a client does with `kubectl edit`. */
  edit<T extends KubeObject>(object: T, change: (copy: T) => void, subresource?: 'status'): T {
    const copy = clone(this.get(object));
    change(copy);
    this.#mutate({ type: 'update', resource: resourceNameOf(object), object: copy, ...(subresource && { subresource }) });
    return this.get(object);
  }

  /** Takes the finalizers off an object, which goes if it is being deleted. */
  release(object: KubeObject): void {
    const { finalizers: _, ...metadata } = this.get(object).metadata;
    this.#mutate({ type: 'update', resource: resourceNameOf(object), object: { ...this.get(object), metadata } });
  }

  delete(object: KubeObject, options: object = {}): void {
    const { namespace, name } = object.metadata;
    this.#mutate({ type: 'delete', resource: resourceNameOf(object), ...(namespace && { namespace }), name, ...options });
  }

  /** Runs the controllers until nothing is left to do. Returns how many rounds that took. */
  settle(): number {
    for (let round = 0; round < 30; round++) {
      const due = [...this.#wakeups].filter(([, at]) => at <= this.now).map(([key]) => key);
      for (const key of due) this.#wakeups.delete(key);
      const changes = this.#changes;
      this.#changes = [];
      const { mutations, wakeups } = this.#reconciler.reconcile({
        state: this.state,
        changes,
        due,
        failures: [],
        waiting: new Set(),
        plugins: defaultAdmissionPlugins,
        now: this.now,
        env: this.env,
      });
      for (const [key, at] of wakeups) {
        if (at === undefined) this.#wakeups.delete(key);
        else this.#wakeups.set(key, at);
      }
      if (mutations.length === 0) return round;
      const outcome = apply(this.state, mutations, { env: this.env, now: this.now, plugins: defaultAdmissionPlugins });
      this.state = outcome.state;
      for (const { mutation, status } of outcome.failures) throw new Error(`${mutation.actor}: ${mutation.type} of ${mutation.resource}: ${status.message}`);
      this.#take(outcome.changes);
      if (this.#changes.length === 0) return round;
    }
    throw new Error('the controllers do not come to rest');
  }

  /** Goes to the next wake-up time and runs the controllers; how many seconds that was, or undefined when they wait for nothing. */
  wait(): number | undefined {
    const next = Math.min(...this.#wakeups.values());
    if (next === Number.POSITIVE_INFINITY) return undefined;
    const seconds = (next - this.now) / 1000;
    this.now = next;
    this.settle();
    return seconds;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
    this.settle();
  }

  get<T extends KubeObject>(object: T): T {
    const { namespace, name } = object.metadata;
    const found = this.state.get<T>(resourceNameOf(object), namespace, name);
    if (!found) throw new Error(`${object.kind} ${name} is gone`);
    return found;
  }

  list<T extends KubeObject>(resource: string): readonly T[] {
    return this.state.list<T>(resource);
  }

  get pods(): readonly Pod[] {
    return this.list<Pod>('pods');
  }

  /** The messages of the Events of an object, in their order. */
  messages(object: KubeObject): string[] {
    const { uid } = this.get(object).metadata;
    return this.list<EventObject>('events')
      .filter(({ involvedObject }) => involvedObject.uid === uid)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** The scheduler and the kubelet: these pods have a node, run and are ready. */
  ready(...pods: readonly Pod[]): void {
    for (const pod of pods) {
      this.#bind(pod);
      this.edit(
        pod,
        (copy) => {
          const condition = { type: 'Ready', status: 'True', lastTransitionTime: timestamp(this.now) };
          copy.status = { ...copy.status, phase: 'Running', conditions: [condition] };
        },
        'status',
      );
    }
    this.settle();
  }

  /** The scheduler and the kubelet: these pods have ended. */
  end(phase: 'Succeeded' | 'Failed', pods: readonly Pod[], exitCode = phase === 'Failed' ? 1 : 0): void {
    for (const pod of pods) {
      this.#bind(pod);
      const { name, image } = pod.spec!.containers[0]!;
      const terminated = { exitCode, finishedAt: timestamp(this.now) };
      const container = { name, image: image ?? '', imageID: '', ready: false, restartCount: 0, state: { terminated } };
      this.edit(
        pod,
        (copy) => {
          copy.status = { ...copy.status, phase, conditions: [], containerStatuses: [container] };
        },
        'status',
      );
    }
    this.settle();
  }

  /** The kubelet: the pods that are being deleted have stopped, and are gone. */
  reap(): number {
    const dying = this.pods.filter(({ metadata }) => metadata.deletionTimestamp);
    for (const pod of dying) this.delete(pod, { gracePeriodSeconds: 0 });
    this.settle();
    return dying.length;
  }

  #bind(pod: Pod): void {
    const { namespace, name } = pod.metadata;
    const node = nodeOf(pod) || 'node-1';
    if (!pod.spec!.nodeName) this.#mutate({ type: 'bind', resource: 'pods', namespace: namespace!, name, node });
  }

  #mutate(mutation: Mutation, actor = userNamed('test')): void {
    const { events } = decision(this.state, mutation, { env: this.env, now: this.now, actor });
    const { state, changes } = evolve(this.state, events, { time: this.now });
    this.state = state;
    this.#take(changes);
  }

  #take(changes: readonly Change[]): void {
    for (const change of changes) {
      deepFreeze(change.object);
      this.#changes.push(change);
    }
  }
}

/** The only reconciliation of an object by a controller: what it wants changed, without what `decide` would make of it. */
export function contextOf<T extends KubeObject>(object: T, others: readonly KubeObject[] = []): ControllerContext<T> {
  const state = stateOf([object, ...others]);
  deepFreeze([object, ...others]);
  const resource = resourceNameOf(object);
  if (!resourceByGroupResource(resource)) throw new Error(`no such resource: ${resource}`);
  const { namespace = '', name } = object.metadata;
  return {
    key: `${resource}/${namespace}/${name}`,
    object: state.get<T>(resource, namespace, name)!,
    state,
    taken: new Set(),
    now: NOW,
    env: seededEnv(),
    plugins: defaultAdmissionPlugins,
  };
}
