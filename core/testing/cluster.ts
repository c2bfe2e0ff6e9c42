import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { quotaStatuses } from '../decide/quota-statuses.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import { clone, type GroupResource, type KubeObject } from '../kube/object.ts';
import { AUTHENTICATED, MASTERS, type User } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import type { Attributed, Failure, Reconciler } from '../reconcile/reconciler.ts';
import { Runner } from '../reconcile/runner.ts';
import type { HistoryOptions } from '../replica/history.ts';
import { Replica } from '../replica/replica.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { KindOf } from '../schema/kind-of.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { TestClock } from './clock.ts';
import { decision } from './decisions.ts';
import { NOW, seededEnv } from './env.ts';
import { isPermitted } from './permitted.ts';
import { keyOfObject, resourceNameOf, stored } from './state.ts';

export interface ClusterOptions {
  /** What works in it, each driven by a runner of its own. */
  readonly reconcilers?: readonly Reconciler[];
  /** What is there at the beginning, as `put` writes it. */
  readonly objects?: readonly KubeObject[];
  /** ms since the epoch. */
  readonly now?: number;
  readonly log?: EventLog;
  readonly history?: HistoryOptions;
  /** Of its chance, and with that of its ids: another one where the log has ids of a cluster before it. */
  readonly seed?: number;
}

/**
 * A cluster as hosts run it (a replica on a log, runners with the reconcilers of the test's choice), on a clock that the test moves and with
 * chance that is the same in every run. Its log is in memory, and its objects are frozen, so that a change in place throws.
 */
export class Cluster {
  readonly replica: Replica;
  readonly clock: TestClock;
  readonly env: Env;
  /** All that was ever changed in it, where reconcilers work. */
  readonly changes: Change[];
  /** What the reconcilers wanted changed, a list for each pass that wanted something. */
  readonly passes: (readonly Attributed[])[] = [];
  /** What they wanted and their own roles do not permit: a user in their place would be refused it. */
  readonly forbidden: Attributed[] = [];
  /** What they were refused. */
  readonly refused: Failure[] = [];
  readonly #reconcilers: readonly Reconciler[];
  #runners: readonly Runner[] = [];
  /** When each runner asked to be run again. */
  #next: readonly (number | undefined)[] = [];

  static async start({ reconcilers = [], objects = [], now = NOW, log = memoryLog(), history, seed = 1 }: ClusterOptions = {}): Promise<Cluster> {
    const clock = new TestClock(now);
    const env = seededEnv({ clock, seed });
    const changes: Change[] = [];
    const replica: Replica = await Replica.open({
      log,
      cluster: 'main',
      env,
      freeze: true,
      closing: quotaStatuses(env),
      ...(history && { history }),
      appended: () => {
        if (reconcilers.length > 0) changes.push(...(replica.recentChanges(changes.at(-1)?.offset ?? 0) ?? []));
      },
    });
    const cluster = new Cluster({ replica, clock, env, changes, reconcilers });
    await cluster.put(...objects);
    return cluster;
  }

  private constructor({
    replica,
    clock,
    env,
    changes,
    reconcilers,
  }: Pick<Cluster, 'replica' | 'clock' | 'env' | 'changes'> & Required<Pick<ClusterOptions, 'reconcilers'>>) {
    this.replica = replica;
    this.clock = clock;
    this.env = env;
    this.changes = changes;
    this.#reconcilers = reconcilers.map((reconciler) => this.#recorded(reconciler));
    this.restart();
  }

  get state(): State {
    return this.replica.state;
  }

  get now(): ClusterInstant {
    return this.replica.now();
  }

  /** What the reconcilers wanted changed, in its order. */
  get mutations(): readonly Attributed[] {
    return this.passes.flat();
  }

  /** Writes objects into the log as they are (with the defaults of their kind), over what stood there. */
  async put<T extends readonly KubeObject[]>(...objects: T): Promise<void> {
    if (objects.length === 0) return;
    await this.#append(
      objects.map((given) => {
        const key = keyOfObject(given);
        const event = { key, object: stored(given, this.now), actor: tester };
        return this.find(given) ? { type: 'MODIFIED', ...event } : { type: 'ADDED', ...event };
      }),
    );
  }

  /** Takes an object out of the log, finalizers or not. */
  async remove(object: KubeObject): Promise<void> {
    await this.#append([{ type: 'DELETED', key: keyOfObject(object), actor: tester }]);
  }

  /** Decides and appends a mutation as the API does. Throws the Status that refuses it. */
  async mutate(mutation: Mutation, actor: User = tester): Promise<void> {
    await this.replica.commit((state, now) => ({ events: decision(state, mutation, { env: this.env, now, actor }).events, answer: () => undefined }));
  }

  async create<T extends KubeObject>(object: T): Promise<T> {
    const { uid: _, generation: _g, creationTimestamp: _c, ...metadata } = object.metadata;
    await this.mutate({ type: 'create', resource: resourceNameOf(object), object: clone({ ...object, metadata }) as KubeObject });
    return this.get(object);
  }

  /** Writes an object over the one that has its name, without a precondition. */
  async update<T extends KubeObject>(object: T, subresource?: 'status'): Promise<void> {
    const { resourceVersion: _, uid: _u, ...metadata } = object.metadata;
    await this.mutate({ type: 'update', resource: resourceNameOf(object), object: { ...object, metadata }, ...(subresource && { subresource }) });
  }

  /** Changes an object as a client does with `kubectl edit`. */
  async edit<T extends KubeObject>(object: T, change: (copy: T) => void, subresource?: 'status'): Promise<T> {
    const copy = clone(this.get(object));
    change(copy);
    await this.mutate({ type: 'update', resource: resourceNameOf(object), object: copy, ...(subresource && { subresource }) });
    return this.get(object);
  }

  async delete(object: KubeObject, options: object = {}): Promise<void> {
    const { namespace, name } = object.metadata;
    await this.mutate({ type: 'delete', resource: resourceNameOf(object), ...(namespace && { namespace }), name, ...options });
  }

  /** Takes the finalizers off an object, which goes if it is being deleted. */
  async release(object: KubeObject): Promise<void> {
    const { finalizers: _, ...metadata } = this.get(object).metadata;
    await this.mutate({ type: 'update', resource: resourceNameOf(object), object: { ...this.get(object), metadata } });
  }

  /** The object as it is now. Throws when it is gone. */
  get<T extends KubeObject>(object: T): T {
    const found = this.find(object);
    if (!found) throw new Error(`${object.kind} ${object.metadata.name} is gone`);
    return found;
  }

  find<T extends KubeObject>(object: T): T | undefined {
    const { namespace, name } = object.metadata;
    return this.state.get(resourceNameOf(object), namespace, name) as T | undefined;
  }

  list<R extends GroupResource>(resource: R): readonly KindOf<R>[] {
    return this.state.list(resource);
  }

  get pods(): readonly Pod[] {
    return this.list('pods');
  }

  pod(name: string): Pod | undefined {
    return this.state.get('pods', 'default', name);
  }

  /** The Events of an object, in the order of their names: `SuccessfulCreate: Created pod: web-x2x4z`. */
  messages(object: KubeObject): string[] {
    const { uid } = this.get(object).metadata;
    return this.list('events')
      .filter(({ involvedObject }) => involvedObject.uid === uid)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** Runs the reconcilers until none has anything to do. Returns how many of their passes wanted something changed. Throws when one of them is refused something. */
  async settle(): Promise<number> {
    const [passes, refused] = [this.passes.length, this.refused.length];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { offset } = this.state;
      const next: (number | undefined)[] = [];
      for (const runner of this.#runners) next.push(await runner.run());
      this.#next = next;
      for (const { actor, type, resource } of this.forbidden) throw new Error(`${actor.username}: no role permits a ${type} of ${resource}`);
      for (const { mutation, status } of this.refused.slice(refused)) {
        throw new Error(`${mutation.actor.username}: ${mutation.type} of ${mutation.resource}: ${status.message}`);
      }
      if (this.state.offset === offset && !(this.nextWakeup! <= this.now)) return this.passes.length - passes;
    }
    throw new Error('the reconcilers do not come to rest');
  }

  /** When a reconciler wants to be run next, ms since the epoch; undefined: they wait for nothing. */
  get nextWakeup(): number | undefined {
    const next = this.#next.filter((time) => time !== undefined);
    return next.length > 0 ? Math.min(...next) : undefined;
  }

  /** Goes to the next time at which a reconciler wants to be run, and runs them; how many seconds that was, or undefined when they wait for nothing. */
  async wait(): Promise<number | undefined> {
    const { now, nextWakeup } = this;
    if (nextWakeup === undefined) return undefined;
    this.clock.advance(nextWakeup - now);
    await this.settle();
    return (nextWakeup - now) / 1000;
  }

  /** Lets some seconds pass at once, and runs the reconcilers then. */
  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds * 1000);
    await this.settle();
  }

  /** Runs the reconcilers at every time they ask for, up to a time in ms since the epoch. */
  async runUntil(time: number): Promise<void> {
    await this.settle();
    while (this.nextWakeup !== undefined && this.nextWakeup <= time) await this.wait();
    this.clock.advance(time - this.now);
  }

  /** The reconcilers begin anew, knowing nothing of what they looked at, as in a new process. */
  restart(): void {
    const { replica, env } = this;
    this.#runners = this.#reconcilers.map(
      (reconciler) => new Runner({ replica, reconciler, env, admissionPlugins: defaultAdmissionPlugins, refused: (failure) => this.refused.push(failure) }),
    );
    this.#next = [];
  }

  #recorded(reconciler: Reconciler): Reconciler {
    return {
      name: reconciler.name,
      reconcile: (pass) => {
        const result = reconciler.reconcile(pass);
        if (result.mutations.length > 0) this.passes.push(result.mutations);
        this.forbidden.push(...result.mutations.filter((mutation) => !isPermitted(mutation, pass.state.observed(undefined))));
        return result;
      },
    };
  }

  async #append(events: readonly LogEvent[]): Promise<void> {
    await this.replica.commit(() => ({ events, answer: () => undefined }));
  }
}

const tester: User = { username: 'test', groups: [MASTERS, AUTHENTICATED] };

/** More rounds than any work needs. */
const MAX_ROUNDS = 30;
