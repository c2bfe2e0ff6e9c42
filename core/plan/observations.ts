import { readiness } from '../apis/core/node-agent.ts';
import type { ControllerRefusal, EvictedPods, KilledContainers, KindChanges, NodeChanges } from '../apis/logplane/plan-status.ts';
import { between, type ClusterInstant } from '../instant.ts';
import { goDuration } from '../kube/go-duration.ts';
import { controllerOf, type KubeObject, parseKey } from '../kube/object.ts';
import type { Failure } from '../reconcile/reconciler.ts';
import type { ContainerStatus, EventObject, Pod } from '../schema/generated/kinds.ts';
import { type Change, isOf } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { LIGHT } from '../state/unread.ts';
import { Kinds } from './controller-changes.ts';

/** What happens on the way, and is not to be seen from where it leads: pods that are evicted and are gone, nodes that come and go, what was refused. */
export class Observations {
  readonly #start: ClusterInstant;
  readonly #evictions = new Map<string, { message: string; at: ClusterInstant; count: number; pods: string[] }>();
  /** The objects that have been made, by uid, and those of them that are gone. */
  readonly #made = new Set<string>();
  readonly #gone = new Kinds();
  readonly #added = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #refusals = new Map<string, ControllerRefusal>();
  readonly #killed = new Map<string, Killed>();

  constructor(start: ClusterInstant) {
    this.#start = start;
  }

  readonly observe = (changes: readonly Change[]): void => {
    for (const change of changes) {
      this.#count(change);
      if (isOf(change, 'pods')) this.#pod(change);
      else if (isOf(change, 'nodes')) this.#node(change);
      else if (isOf(change, 'events') && change.object.reason === 'FailedCreate') this.#failedCreate(change.object);
    }
  };

  /** A refusal that another writer's change has overtaken tells nothing. */
  readonly refused = ({ mutation, status }: Failure): void => {
    if (status.reason === 'Conflict' || status.reason === 'NotFound' || status.reason === 'AlreadyExists' || mutation.type === 'bind') return;
    const object: KubeObject | undefined = 'object' in mutation ? mutation.object : undefined;
    const namespace = mutation.type === 'create' || mutation.type === 'update' ? mutation.object.metadata.namespace : mutation.namespace;
    const owner = object && controllerOf(object);
    const of = {
      actor: mutation.actor.username,
      ...(namespace && { namespace }),
      ...(owner && { owner: `${owner.kind}/${owner.name}` }),
      reason: status.reason ?? '',
    };
    const id = JSON.stringify(of);
    this.#refusals.set(id, { ...of, count: (this.#refusals.get(id)?.count ?? 0) + 1, message: status.message ?? '' });
  };

  #count({ type, key, object }: Change): void {
    const { uid = '' } = object.metadata;
    if (type === 'ADDED' && !LIGHT.has(parseKey(key).resource)) this.#made.add(uid);
    else if (type === 'DELETED' && this.#made.delete(uid)) this.#gone.add(object);
  }

  /** What has been made, and is gone. */
  get cameAndWent(): readonly KindChanges[] {
    return this.#gone.all;
  }

  /** What a controller has not even tried again, as it would have been refused again, it says in an Event. */
  #failedCreate({ involvedObject: { kind = '', name = '', namespace = '' }, source, message = '', count = 1 }: EventObject): void {
    const of = { actor: source?.component ?? '', namespace, owner: `${kind}/${name}`, reason: 'FailedCreate' };
    this.#refusals.set(JSON.stringify(of), { ...of, count, message });
  }

  #pod(change: Change<Pod>): void {
    this.#killedOf(change);
    this.#evictionOf(change);
  }

  /** Containers that have been killed for their memory since the pod was seen last: one may have been started again by now. */
  #killedOf({ object, previous, time }: Change<Pod>): void {
    const before = previous ? containerStatuses(previous).flatMap(killsOf) : [];
    for (const status of containerStatuses(object)) {
      const kills = killsOf(status).filter((kill) => !before.includes(kill));
      if (kills.length === 0) continue;
      const { namespace = '', name } = object.metadata;
      const controller = controllerOf(object);
      const owner = controller ? `${controller.kind}/${controller.name}` : `Pod/${name}`;
      const id = `${namespace} ${owner} ${status.name}`;
      const isAsBefore = before.some((kill) => kill.startsWith(`${status.name} `));
      const known = this.#killed.get(id) ?? { namespace, owner, container: status.name, at: time, count: 0, pods: new Set<string>(), isAsBefore };
      known.count += kills.length;
      if (known.pods.size < MOST_NAMED) known.pods.add(name);
      this.#killed.set(id, known);
    }
  }

  get outOfMemory(): KilledContainers[] {
    return [...this.#killed.values()].map(({ at, pods, isAsBefore, ...killed }) => ({
      ...killed,
      pods: [...pods],
      after: goDuration(wholeSeconds(between(this.#start, at))),
      ...(isAsBefore && { before: true as const }),
    }));
  }

  #evictionOf({ object, previous, time }: Change<Pod>): void {
    const target = disruptionOf(object);
    if (!target || (previous && disruptionOf(previous))) return;
    const { reason = '', message = '' } = target;
    const { namespace, name } = object.metadata;
    const known = this.#evictions.get(reason) ?? { message, at: time, count: 0, pods: [] };
    known.count++;
    if (known.pods.length < MOST_NAMED) known.pods.push(`${namespace}/${name}`);
    this.#evictions.set(reason, known);
  }

  #node({ type, object }: Change): void {
    const { name } = object.metadata;
    const [into, other] = type === 'DELETED' ? [this.#removed, this.#added] : [this.#added, this.#removed];
    if (type === 'MODIFIED' || other.delete(name)) return;
    into.add(name);
  }

  get evictions(): EvictedPods[] {
    return [...this.#evictions].map(([reason, { message, at, count, pods }]) => ({
      reason,
      message,
      count,
      pods,
      after: goDuration(wholeSeconds(between(this.#start, at))),
    }));
  }

  get refusals(): ControllerRefusal[] {
    return [...this.#refusals.values()].slice(0, MOST_NAMED);
  }

  nodes(end: State): NodeChanges {
    const lost = end.list('nodes').filter((node) => readiness(node) === 'Unknown');
    return { added: [...this.#added], removed: [...this.#removed], lost: lost.map(({ metadata }) => metadata.name) };
  }
}

interface Killed extends Omit<KilledContainers, 'after' | 'before' | 'pods' | 'count'> {
  readonly at: ClusterInstant;
  readonly pods: Set<string>;
  /** The first of them had ended so before the plan began. */
  readonly isAsBefore: boolean;
  count: number;
}

const OOM_KILLED = 'OOMKilled';

const containerStatuses = ({ status }: Pod) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];

/** The ends of a container that are known, of those that were such. */
const killsOf = ({ name, state, lastState }: ContainerStatus): string[] =>
  [state?.terminated, lastState?.terminated].flatMap((end) => (end?.reason === OOM_KILLED ? [`${name} ${end.containerID} ${end.finishedAt}`] : []));

const disruptionOf = ({ status }: Pod) => status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');

const MOST_NAMED = 20;

export const wholeSeconds = (ms: number): number => Math.round(ms / 1000) * 1000;
