import { apisOf } from '../apis/apis.ts';
import { LOST } from '../apis/core/node-agent.ts';
import { isPodTerminal } from '../apis/core/pod-terminal.ts';
import type { PlanChange, UsageTarget } from '../apis/logplane/plan.ts';
import type { BudgetInTheWay } from '../apis/logplane/plan-status.ts';
import type { Mutation } from '../apis/mutation.ts';
import { budgetsOfPod } from '../apis/policy/budgets-of-pod.ts';
import { earliest } from '../controllers/shared/earliest.ts';
import { type ClusterInstant, plus } from '../instant.ts';
import { parseGoDuration } from '../kube/go-duration.ts';
import { controllerOf, type Key, type KubeObject, keyOf } from '../kube/object.ts';
import { notFound, StatusError } from '../kube/status.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Deeds } from './deeds.ts';
import type { Trial } from './trial.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** What comes to pass besides the manifests, at its times; and the nodes that are being drained, until their pods are gone. */
export class Agenda {
  readonly #trial: Trial;
  readonly #deeds: Deeds;
  /** In their order, the next one first. */
  #changes: readonly { readonly at: ClusterInstant; readonly change: PlanChange }[];
  readonly #draining = new Set<string>();
  /** Pods that a budget keeps, and why. */
  readonly #kept = new Map<Key, { readonly pod: Pod; readonly message: string }>();
  /** When a pod was evicted last. */
  #evictedAt: ClusterInstant;
  /** When evictions are tried again. */
  #retryAt: ClusterInstant | undefined;

  constructor(changes: readonly PlanChange[], { trial, deeds }: { trial: Trial; deeds: Deeds }) {
    this.#trial = trial;
    this.#deeds = deeds;
    this.#evictedAt = trial.now;
    this.#changes = changes.map((change) => ({ at: plus(trial.now, parseGoDuration(change.after ?? '0')!), change })).sort((a, b) => a.at - b.at);
  }

  /** When there is something to do. */
  get next(): ClusterInstant | undefined {
    return earliest(this.#changes[0]?.at, this.#retryAt);
  }

  /** Whether all that was to come to pass has. */
  get isOver(): boolean {
    return this.#changes.length === 0;
  }

  /** The last of the times that were given. */
  get last(): ClusterInstant | undefined {
    return this.#changes.at(-1)?.at;
  }

  /** Whether budgets keep pods, and have let none go for so long that they will not. */
  get isStalled(): boolean {
    return this.#kept.size > 0 && this.#trial.now - this.#evictedAt >= STALLED_MS;
  }

  /** Does what is to be done by now. Whether there was something. */
  async act(): Promise<boolean> {
    const { now } = this.#trial;
    const due = this.#changes.filter(({ at }) => at <= now);
    this.#changes = this.#changes.slice(due.length);
    for (const { change } of due) await this.#begin(change);
    const isRetry = this.#retryAt !== undefined && this.#retryAt <= now;
    if (due.length === 0 && !isRetry) return false;
    await this.#evictAll();
    return true;
  }

  async #begin(change: PlanChange): Promise<void> {
    if (change.type === 'Usage') return this.#setUsage(change.target, change.usage);
    const names = nodesOf(change, this.#trial.state);
    if (names.length === 0) this.#deeds.refuse({ apiVersion: 'v1', kind: 'Node', name: '' }, noNodes(change.zone));
    for (const name of names) {
      await this.#try({ apiVersion: 'v1', kind: 'Node', name }, async () => {
        const node = this.#trial.state.get('nodes', undefined, name);
        if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
        if (change.type === 'Remove') await this.#deeds.do({ type: 'delete', resource: 'nodes', name }, { verb: 'delete' });
        else if (change.type === 'Fail') await this.#update(annotated(node, { [LOST]: 'true' }), 'nodes');
        else await this.#update<Node>({ ...node, spec: { ...node.spec, unschedulable: true } }, 'nodes');
        if (change.type !== 'Drain') return;
        this.#draining.add(name);
        this.#evictedAt = this.#trial.now;
      });
    }
  }

  async #setUsage({ namespace = 'default', ...target }: UsageTarget, usage: Readonly<Record<string, string>>): Promise<void> {
    await this.#try({ ...target, namespace }, async () => {
      const { state } = this.#trial;
      const resource = apisOf(state).ofKind(target.apiVersion, target.kind);
      const object = resource && state.get(resource.storedAs, namespace, target.name);
      if (!object) throw notFound(resource ?? { group: '', resource: target.kind }, target.name);
      await this.#update(
        annotated(object, Object.fromEntries(Object.entries(usage).map(([name, value]) => [`load.logplane.dev/${name}`, value]))),
        resource.groupResource,
      );
    });
  }

  async #update<T extends KubeObject>(object: T, resource: string): Promise<void> {
    const { resourceVersion: _, ...metadata } = object.metadata;
    await this.#deeds.do({ type: 'update', resource, object: { ...object, metadata } } as Mutation, { verb: 'patch' });
  }

  async #try(name: Parameters<Deeds['refuse']>[0], act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#deeds.refuse(name, error);
    }
  }

  /** As `kubectl drain` does: all pods but those of daemon sets, again every five seconds as long as a budget does not allow it. */
  async #evictAll(): Promise<void> {
    this.#kept.clear();
    this.#retryAt = undefined;
    for (const node of this.#draining) {
      const pods = this.#trial.state.by('node', node).filter((pod) => isToGo(pod));
      if (pods.length === 0) this.#draining.delete(node);
      for (const pod of pods) await this.#evict(pod);
    }
    if (this.#kept.size > 0) this.#retryAt = plus(this.#trial.now, RETRY_MS);
  }

  async #evict(pod: Pod): Promise<void> {
    const { namespace = '', name } = pod.metadata;
    const eviction: KubeObject = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    try {
      await this.#deeds.do({ type: 'delete', resource: 'pods', namespace, name, eviction }, { verb: 'create', subresource: 'eviction' });
      this.#evictedAt = this.#trial.now;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { code, details, message = '' } = error.status;
      if (code === TOO_MANY) this.#kept.set(keyOf('pods', namespace, name), { pod, message: details?.causes?.[0]?.message ?? message });
      else if (code !== GONE) this.#deeds.refuse({ apiVersion: 'v1', kind: 'Pod', namespace, name }, error);
    }
  }

  /** The budgets that keep pods on nodes which are being drained. */
  inTheWay(): BudgetInTheWay[] {
    const { state } = this.#trial;
    const kept = [...this.#kept.values()].filter(({ pod }) => state.get('pods', pod.metadata.namespace, pod.metadata.name)?.metadata.uid === pod.metadata.uid);
    const byBudget = Map.groupBy(kept, ({ pod }) => `${pod.metadata.namespace}/${budgetsOfPod(pod, state)[0]?.metadata.name ?? ''}`);
    return [...byBudget].map(([budget, those]) => {
      const [namespace, name] = budget.split('/') as [string, string];
      return {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        namespace,
        name,
        message: those[0]!.message,
        pods: those.slice(0, MOST_NAMED).map(({ pod }) => pod.metadata.name),
      };
    });
  }
}

const RETRY_MS = 5_000;
/** Longer than a pod takes to become ready, and with that to let another one go. */
const STALLED_MS = 300_000;
const TOO_MANY = 429;
const GONE = 404;
const MOST_NAMED = 20;

function nodesOf({ nodes, zone }: { readonly nodes?: readonly string[]; readonly zone?: string }, state: State): readonly string[] {
  if (nodes) return nodes;
  return state
    .list('nodes')
    .filter(({ metadata }) => metadata.labels?.[ZONE] === zone)
    .map(({ metadata }) => metadata.name);
}

function noNodes(zone = ''): StatusError {
  const message = `nodes with the label ${ZONE}=${zone} not found`;
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotFound', code: GONE });
}

function annotated<T extends KubeObject>(object: T, annotations: Readonly<Record<string, string>>): T {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };
}

const isToGo = (pod: Pod): boolean =>
  !pod.metadata.deletionTimestamp &&
  !isPodTerminal(pod) &&
  controllerOf(pod)?.kind !== 'DaemonSet' &&
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined;
