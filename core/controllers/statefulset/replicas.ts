import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, plus } from '../../instant.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { isTerminatingNamespace, RETRY_AFTER } from '../shared/attempt.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import type { PodCreation } from '../shared/pod-creation.ts';
import { isAvailable, isBeingDeleted, isRunningReady } from '../shared/pod-readiness.ts';
import { claimsOf, ordinalOf, ordinalRange, podOf, revisionLabel, withIdentity } from './identity.ts';
import { hasConflictingController, isStale, retained } from './retention.ts';

/** One pass over the pods of one StatefulSet (updateStatefulSet in stateful_set_control.go). */
export class StatefulPods {
  readonly mutations: Mutation[] = [];
  enqueueAt: ClusterInstant | undefined;
  readonly #set: StatefulSet;
  readonly #members: readonly Pod[];
  readonly #current: ControllerRevision;
  readonly #update: ControllerRevision;
  readonly #state: State;
  readonly #creation: PodCreation;
  readonly #refuses: (claim: PersistentVolumeClaim) => Status | undefined;
  readonly #recorder: EventRecorder;
  readonly #now: ClusterInstant;
  /** One at a time, in order: each waits for those before it to be available. */
  readonly #ordered: boolean;

  /** `members` in the order of their ordinals. */
  constructor(options: {
    set: StatefulSet;
    members: readonly Pod[];
    current: ControllerRevision;
    update: ControllerRevision;
    state: State;
    creation: PodCreation;
    /** Why the API would not have a claim, if it would not. */
    refuses: (claim: PersistentVolumeClaim) => Status | undefined;
    recorder: EventRecorder;
    now: ClusterInstant;
  }) {
    this.#set = options.set;
    this.#members = options.members;
    this.#current = options.current;
    this.#update = options.update;
    this.#state = options.state;
    this.#creation = options.creation;
    this.#refuses = options.refuses;
    this.#recorder = options.recorder;
    this.#now = options.now;
    this.#ordered = options.set.spec!.podManagementPolicy !== 'Parallel';
  }

  /** Creates first, then scales down, then updates; in order, each only when nothing is left to wait for before it. */
  reconcile(): void {
    const { start, end } = ordinalRange(this.#set);
    const inRange = (pod: Pod) => ordinalOf(pod) >= start && ordinalOf(pod) < end;
    const byOrdinal = new Map(this.#members.filter(inRange).map((pod) => [ordinalOf(pod), pod]));
    const condemned = this.#members.filter((pod) => !inRange(pod)).reverse();
    const firstUnavailable = this.#firstUnavailable([...byOrdinal.values()], condemned, end - start);

    for (let ordinal = start; ordinal < end; ordinal++) if (this.#keep(ordinal, byOrdinal.get(ordinal)) && this.#ordered) return;
    for (const pod of condemned) this.#retainClaims(pod);
    for (const pod of condemned) if (this.#remove(pod, firstUnavailable) && this.#ordered) return;
    if (this.#set.spec!.updateStrategy?.type !== 'OnDelete') this.#rollUpdate(byOrdinal, { start, end });
  }

  /** Sees that an ordinal has its pod. Returns whether those after it must wait. */
  #keep(ordinal: number, pod: Pod | undefined): boolean {
    if (!pod) {
      this.#create(ordinal);
      return true;
    }
    if (isPodTerminal(pod)) {
      // Its successor comes when it is gone: they share a name.
      if (!isBeingDeleted(pod)) this.#delete(pod);
      return true;
    }
    if (pod.status?.phase === 'Pending') this.#createClaims(ordinal, pod);
    if (isBeingDeleted(pod) || !this.#isAvailable(pod)) return true;
    const right = withIdentity(pod);
    if (right !== pod) this.mutations.push(updateTo('pods', right));
    this.#retainClaims(pod);
    return false;
  }

  #create(ordinal: number): void {
    const pod = podOf(this.#set, ordinal, this.#revisionFor(ordinal));
    const stale = claimsOf(this.#set, ordinal).some(({ claim }) => this.#isStale(claim, pod));
    if (stale) {
      // The claim of a pod that was scaled away is going with it; a new one takes its place.
      this.enqueueAt = plus(this.#now, 1000);
      return;
    }
    if (!this.#createClaims(ordinal, pod)) return;
    const what = `Create Pod ${pod.metadata.name} in StatefulSet ${this.#set.metadata.name}`;
    this.#creation.create(pod, { created: `${what} successful`, refused: (why) => `${what} failed error: ${why}` });
  }

  /** Pods before the partition stay on the current revision. */
  #revisionFor(ordinal: number): ControllerRevision {
    const { type = 'RollingUpdate', rollingUpdate } = this.#set.spec!.updateStrategy ?? {};
    const { start } = ordinalRange(this.#set);
    const keptBack = rollingUpdate ? (rollingUpdate.partition ?? 0) : type === 'RollingUpdate' ? (this.#set.status?.currentReplicas ?? 0) : 0;
    return ordinal < start + keptBack ? this.#current : this.#update;
  }

  /** Returns whether all of them are there now: without them there is no pod. */
  #createClaims(ordinal: number, pod: Pod): boolean {
    for (const { claim } of claimsOf(this.#set, ordinal)) {
      if (this.#existing(claim)) continue;
      const { name } = this.#set.metadata;
      const refusal = this.#refuses(claim);
      if (refusal) {
        this.enqueueAt = plus(this.#now, RETRY_AFTER);
        if (isTerminatingNamespace(refusal)) return false;
        const [claimed, what] = [claim.metadata.name, `Pod ${pod.metadata.name} in StatefulSet ${name} failed error:`];
        this.#recorder.warningOnce(this.#set, 'FailedCreate', `Create Claim ${claimed} for ${what} ${refusal.message}`);
        this.#recorder.warningOnce(this.#set, 'FailedCreate', `Create ${what} failed to create PVC ${claimed}: ${refusal.message}`);
        return false;
      }
      this.mutations.push(creation('persistentvolumeclaims', claim));
      const of = keyOf('persistentvolumeclaims', claim.metadata.namespace, claim.metadata.name);
      this.#event('SuccessfulCreate', `Create Claim ${claim.metadata.name} Pod ${pod.metadata.name} in StatefulSet ${name} success`, of);
    }
    return true;
  }

  #isStale(claim: PersistentVolumeClaim, pod: Pod): boolean {
    const existing = this.#existing(claim);
    return existing !== undefined && (isBeingDeleted(existing) || isStale(existing, { set: this.#set, pod }));
  }

  #existing = ({ metadata }: PersistentVolumeClaim): PersistentVolumeClaim | undefined =>
    this.#state.get('persistentvolumeclaims', metadata.namespace, metadata.name);

  #retainClaims(pod: Pod): void {
    for (const { claim } of claimsOf(this.#set, ordinalOf(pod))) {
      const existing = this.#existing(claim);
      if (existing && hasConflictingController(existing, { set: this.#set, pod }))
        this.#recorder.warningOnce(this.#set, 'ConflictingController', conflict(existing));
      const right = existing && retained(existing, { set: this.#set, pod });
      if (right !== existing) this.mutations.push(updateTo('persistentvolumeclaims', right!));
    }
  }

  /** Deletes a pod beyond the range. Returns whether those after it must wait. */
  #remove(pod: Pod, firstUnavailable: Pod | undefined): boolean {
    if (isBeingDeleted(pod)) return true;
    if (this.#ordered && !this.#isAvailable(pod) && pod !== firstUnavailable) return true;
    this.#delete(pod);
    return true;
  }

  /**
   * Deletes one pod that is not of the update revision, the one of the highest ordinal, once those above it are available. One that is not available already is no
   * loss: it may go when its turn comes. (`maxUnavailable` is of a feature gate that is off by default.)
   */
  #rollUpdate(byOrdinal: ReadonlyMap<number, Pod>, { start, end }: { start: number; end: number }): void {
    const { partition = 0 } = this.#set.spec!.updateStrategy?.rollingUpdate ?? {};
    for (let ordinal = end - 1; ordinal >= start + partition; ordinal--) {
      const pod = byOrdinal.get(ordinal);
      if (!pod || isBeingDeleted(pod)) return;
      if (revisionLabel(pod) !== this.#update.metadata.name) {
        this.#delete(pod);
        return;
      }
      if (!this.#isAvailable(pod)) return;
    }
  }

  #firstUnavailable(kept: readonly Pod[], condemned: readonly Pod[], replicas: number): Pod | undefined {
    if (kept.length < replicas) return undefined;
    return [...kept, ...condemned.toReversed()].find((pod) => isBeingDeleted(pod) || !this.#isAvailable(pod));
  }

  #isAvailable = (pod: Pod): boolean => isRunningReady(pod) && isAvailable(pod, this.#set.spec!.minReadySeconds ?? 0, this.#now);

  #delete(pod: Pod): void {
    this.mutations.push(deletionOf('pods', pod));
    const of = keyOf('pods', pod.metadata.namespace, pod.metadata.name);
    this.#event('SuccessfulDelete', `Delete Pod ${pod.metadata.name} in StatefulSet ${this.#set.metadata.name} successful`, of);
  }

  #event(reason: string, message: string, of: Key): void {
    this.#recorder.normal(this.#set, reason, message, { of });
  }
}

const conflict = ({ metadata: { name } }: PersistentVolumeClaim): string =>
  `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
