import { creation, type Mutation } from '../../apis/mutation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { keyOf, same } from '../../kube/object.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, PodTemplateSpec, ReplicaSet } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';
import { scaledValue } from '../shared/scaled-value.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, revisionOf } from './revisions.ts';

/**
 * One pass over one Deployment: its ReplicaSets as the pass has left them so far, and what it has decided. The parts of the
 * controller read and change it in turn; `mutations` is what came out.
 */
export class Rollout {
  readonly deployment: Deployment;
  readonly state: State;
  readonly recorder: EventRecorder;
  readonly now: ClusterInstant;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** The ReplicaSet of the Deployment's template, and the others, oldest first. */
  new: ReplicaSet | undefined;
  old: ReplicaSet[];
  annotations: Record<string, string>;
  status: DeploymentStatus;
  enqueueAt: ClusterInstant | undefined;
  /** Whether the ReplicaSet of the template cannot be made. */
  isRefused = false;
  readonly #given: readonly ReplicaSet[];
  readonly #created = new Set<string>();
  readonly #deleted = new Set<string>();

  constructor(options: { deployment: Deployment; replicaSets: readonly ReplicaSet[]; state: State; recorder: EventRecorder; now: ClusterInstant }) {
    const { deployment, replicaSets, state, recorder, now } = options;
    this.deployment = deployment;
    this.state = state;
    this.recorder = recorder;
    this.now = now;
    ({ maxSurge: this.maxSurge, maxUnavailable: this.maxUnavailable } = fenceposts(deployment));
    this.annotations = deployment.metadata.annotations ?? {};
    this.status = deployment.status ?? {};
    this.#given = replicaSets;
    const byAge = [...replicaSets].sort(byCreation);
    // Should several have the template, the oldest is the new one, always.
    this.new = byAge.find(({ spec }) => sameTemplate(spec?.template, deployment.spec?.template));
    this.old = byAge.filter((replicaSet) => replicaSet !== this.new);
  }

  get desired(): number {
    return this.deployment.spec!.replicas ?? 1;
  }

  get all(): ReplicaSet[] {
    return this.new ? [...this.old, this.new] : this.old;
  }

  get active(): ReplicaSet[] {
    return this.all.filter((replicaSet) => replicasOf(replicaSet) > 0);
  }

  /** Adds the ReplicaSet of the template. */
  create(replicaSet: ReplicaSet): void {
    this.new = replicaSet;
    this.#created.add(replicaSet.metadata.name);
    const { name } = replicaSet.metadata;
    if (replicasOf(replicaSet) === 0) return;
    const of = keyOf('replicasets.apps', replicaSet.metadata.namespace, name);
    this.recorder.normal(this.deployment, 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicasOf(replicaSet)}`, { of });
  }

  /** Puts a changed ReplicaSet into the place of the one with its name. */
  replace(replicaSet: ReplicaSet): void {
    const { name } = replicaSet.metadata;
    if (this.new?.metadata.name === name) this.new = replicaSet;
    else this.old = this.old.map((other) => (other.metadata.name === name ? replicaSet : other));
  }

  /** Sets a ReplicaSet's size, and notes in its annotations for which size of the Deployment that was. */
  scale(replicaSet: ReplicaSet, replicas: number): void {
    const before = replicasOf(replicaSet);
    const { metadata } = replicaSet;
    const annotations = { ...metadata.annotations, ...this.sizeAnnotations() };
    if (before === replicas && same(metadata.annotations, annotations)) return;
    this.replace({ ...replicaSet, metadata: { ...metadata, annotations }, spec: { ...replicaSet.spec!, replicas } });
    if (before !== replicas) this.#event(`Scaled ${before < replicas ? 'up' : 'down'} replica set ${metadata.name} from ${before} to ${replicas}`);
  }

  sizeAnnotations(): Record<string, string> {
    return { [DESIRED_REPLICAS]: String(this.desired), [MAX_REPLICAS]: String(this.desired + this.maxSurge) };
  }

  /** Deletes the oldest ReplicaSets that have nothing left to do, beyond `spec.revisionHistoryLimit`. */
  cleanUp(): void {
    const { revisionHistoryLimit: limit = 10 } = this.deployment.spec!;
    const living = this.old.filter(({ metadata }) => !metadata.deletionTimestamp).sort((a, b) => Number(revisionOf(a) - revisionOf(b)) || byCreation(a, b));
    for (const replicaSet of living.slice(0, Math.max(0, living.length - limit))) {
      const { metadata, status } = replicaSet;
      const busy = (status?.replicas ?? 0) !== 0 || replicasOf(replicaSet) !== 0 || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);
      if (!busy) this.#deleted.add(metadata.name);
    }
  }

  /** Every replica is of the new template and available, and no other is left. */
  isComplete(status: DeploymentStatus): boolean {
    const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
    return (
      [updatedReplicas, replicas, availableReplicas].every((count) => count === this.desired) &&
      observedGeneration >= (this.deployment.metadata.generation ?? 0)
    );
  }

  condition(type: string): DeploymentCondition | undefined {
    return this.status.conditions?.find((condition) => condition.type === type);
  }

  /** Sets a condition; one with the same status and reason stays as it is. */
  setCondition(condition: { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string }, time: string): void {
    const current = this.condition(condition.type);
    if (current?.status === condition.status && current.reason === condition.reason) return;
    const lastTransitionTime = current?.status === condition.status ? current.lastTransitionTime : time;
    this.status = {
      ...this.status,
      conditions: [...(this.status.conditions ?? []).filter(({ type }) => type !== condition.type), { ...condition, lastUpdateTime: time, lastTransitionTime }],
    };
  }

  removeCondition(type: string): void {
    if (this.condition(type)) this.status = { ...this.status, conditions: this.status.conditions!.filter((condition) => condition.type !== type) };
  }

  mutations(): Mutation[] {
    const mutations: Mutation[] = [];
    for (const replicaSet of this.all) {
      const { name } = replicaSet.metadata;
      if (this.#created.has(name)) mutations.push(creation('replicasets.apps', replicaSet));
      else if (this.#deleted.has(name)) mutations.push(deletionOf('replicasets.apps', replicaSet));
      else if (!this.#given.includes(replicaSet)) mutations.push(updateTo('replicasets.apps', replicaSet));
    }
    const annotations = Object.keys(this.annotations).length > 0 ? this.annotations : undefined;
    return [...mutations, ...this.recorder.mutations(), ...statusUpdate('deployments.apps', this.deployment, this.status, annotations)];
  }

  #event(message: string): void {
    this.recorder.normal(this.deployment, 'ScalingReplicaSet', message);
  }
}

export const replicasOf = ({ spec }: ReplicaSet): number => spec?.replicas ?? 0;

export const total = (replicaSets: readonly ReplicaSet[], count: (replicaSet: ReplicaSet) => number): number =>
  replicaSets.reduce((sum, replicaSet) => sum + count(replicaSet), 0);

/** Older first; the name decides between those of the same second. */
export const byCreation = ({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number =>
  compare(a.creationTimestamp ?? '', b.creationTimestamp ?? '') || compare(a.name, b.name);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many pods a rollout may have too many, and too few: never both none (ResolveFenceposts). */
function fenceposts({ spec }: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (spec!.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec!.strategy?.rollingUpdate ?? {};
  const replicas = spec!.replicas ?? 1;
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, replicas, 'down');
  // A surge of none is valid, and percentages may round to none on both sides: then at least one may be missing, or nothing would move.
  return { maxSurge: surge, maxUnavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas) };
}

/** Whether two templates are the same but for the hash that a ReplicaSet's has. */
function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return same(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  const { 'pod-template-hash': hash, ...labels } = template?.metadata?.labels ?? {};
  return hash === undefined ? template : { ...template, metadata: { ...template!.metadata, labels } };
}
