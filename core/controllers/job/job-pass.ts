import { isReady } from '../../apis/core/pod-readiness.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../schema/generated/kinds.ts';
import { byDeletionRank } from '../shared/deletion-ranking.ts';
import { deletionOf, nonZero, updateTo } from '../shared/mutations.ts';
import type { PodCreation } from '../shared/pod-creation.ts';
import { isActive, isTerminating } from '../shared/pod-readiness.ts';
import { finishedAt, retryAfter, retryAt } from './backoff.ts';
import { type Verdict, verdictOf, withCondition } from './conditions.ts';
import { indexOf, indexSet, indexText, isIndexed } from './indexes.ts';
import { hasFailed, indexFailures, isTracked, jobPod, jobPodPrefix, replacesOnlyFailed, withoutTracking } from './job-pod.ts';
import { rulingOn } from './pod-failure-policy.ts';
import { successByPolicy } from './success-policy.ts';

/** One pass over one Job and its pods: counts what has finished, decides how the Job stands, keeps the pods that it needs (syncJob). */
export class JobPass {
  readonly mutations: Mutation[] = [];
  enqueueAt: ClusterInstant | undefined;
  readonly #job: Job;
  readonly #pods: readonly Pod[];
  readonly #active: readonly Pod[];
  readonly #creation: PodCreation;
  readonly #recorder: EventRecorder;
  readonly #now: number;
  readonly #indexed: boolean;
  readonly #perIndex: boolean;
  /** Indexes that have succeeded and, with a limit for each index, failed for good. */
  readonly #succeededIndexes: Set<number>;
  readonly #failedIndexes: Set<number>;
  /** With a limit for each index: the failed pod that is held until its successor has taken over its count of failures. */
  readonly #awaiting: Map<number, Pod>;
  readonly #newlySucceeded: readonly Pod[];
  readonly #newlyFailed: readonly Pod[];
  #startTime: string | undefined;
  #conditions: readonly JobCondition[];
  /** Of `#active`, those that this pass deletes. */
  readonly #deleted = new Set<Pod>();
  readonly #released = new Set<Pod>();
  #completionTime: string | undefined;
  #counted = { succeeded: 0, failed: 0 };

  constructor({ job, pods, creation, recorder, now }: { job: Job; pods: readonly Pod[]; creation: PodCreation; recorder: EventRecorder; now: number }) {
    this.#job = job;
    this.#pods = pods;
    this.#creation = creation;
    this.#recorder = recorder;
    this.#now = now;
    this.#active = pods.filter(isActive);
    this.#indexed = isIndexed(job);
    this.#perIndex = this.#indexed && job.spec!.backoffLimitPerIndex !== undefined;
    this.#startTime = job.status?.startTime ?? (job.spec!.suspend ? undefined : timestamp(now));
    this.#conditions = job.status?.conditions ?? [];
    const uncounted = pods.filter((pod) => isTracked(pod) && (!this.#indexed || indexOf(pod, job) !== undefined));
    this.#newlySucceeded = uncounted.filter(({ status }) => status?.phase === 'Succeeded');
    this.#newlyFailed = uncounted.filter((pod) => hasFailed(pod, job));
    this.#succeededIndexes = this.#withNew(job.status?.completedIndexes, this.#newlySucceeded);
    this.#failedIndexes = this.#perIndex
      ? this.#withNew(
          job.status?.failedIndexes,
          this.#newlyFailed.filter((pod) => this.#failsIndex(pod)),
        )
      : new Set();
    this.#awaiting = this.#perIndex ? this.#podsAwaitingSuccessors() : new Map();
  }

  run(): void {
    let verdict = verdictOf(this.#job) ?? this.#failure() ?? (this.#indexed ? successByPolicy(this.#job, this.#succeededIndexes) : undefined);
    if (verdict) {
      for (const pod of this.#active) this.#delete(pod);
    } else {
      if (!this.#job.metadata.deletionTimestamp) this.#keepPods();
      if (this.#isComplete()) verdict = { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
      else if (!this.#job.metadata.deletionTimestamp) this.#tellSuspension();
    }
    this.#count(verdict);
    if (verdict) this.#finish(verdict);
  }

  get status(): JobStatus {
    const { status = {} } = this.#job;
    const remaining = this.#active.filter((pod) => !this.#deleted.has(pod));
    return {
      ...(this.#conditions.length > 0 && { conditions: [...this.#conditions] }),
      ...(this.#startTime && { startTime: this.#startTime }),
      ...(this.#completionTime && { completionTime: this.#completionTime }),
      ...nonZero({
        active: remaining.length + this.#creation.mutations.length,
        succeeded: this.#indexed ? this.#succeededIndexes.size : this.#counted.succeeded + (status.succeeded ?? 0),
        failed: this.#counted.failed + (status.failed ?? 0),
      }),
      terminating: this.#terminating,
      ...(this.#succeededIndexes.size > 0 && this.#indexed && { completedIndexes: indexText(this.#succeededIndexes) }),
      ...(this.#perIndex && { failedIndexes: indexText(this.#failedIndexes) }),
      uncountedTerminatedPods: {},
      ready: remaining.filter(isReady).length,
    };
  }

  get #terminating(): number {
    return this.#pods.filter(isTerminating).length + this.#deleted.size;
  }

  get #succeeded(): number {
    return this.#indexed ? this.#succeededIndexes.size : (this.#job.status?.succeeded ?? 0) + this.#newlySucceeded.length;
  }

  /** Why the Job has failed, if it has. */
  #failure(): Verdict | undefined {
    const { backoffLimit = 6, activeDeadlineSeconds, maxFailedIndexes, completions = 0, suspend, podFailurePolicy } = this.#job.spec!;
    const failure = (reason: string, message: string): Verdict => ({ type: 'FailureTarget', reason, message });
    for (const pod of podFailurePolicy ? this.#pods : []) {
      const ruling = hasFailed(pod, this.#job) ? rulingOn(pod, podFailurePolicy) : undefined;
      if (ruling?.action === 'FailJob') return failure('PodFailurePolicy', ruling.message);
    }
    const failed = (this.#job.status?.failed ?? 0) + this.#newlyFailed.filter((pod) => this.#counts(pod)).length;
    if (failed > backoffLimit || this.#restartsExceed(backoffLimit)) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    if (activeDeadlineSeconds !== undefined && this.#job.status?.startTime && !suspend) {
      const deadline = Date.parse(this.#job.status.startTime) + activeDeadlineSeconds * 1000;
      if (deadline <= this.#now) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
      this.#enqueueAt(deadline);
    } else if (activeDeadlineSeconds !== undefined && this.#startTime) this.#enqueueAt(Date.parse(this.#startTime) + activeDeadlineSeconds * 1000);
    if (!this.#perIndex) return undefined;
    const failedIndexes = this.#failedIndexes.size;
    if (maxFailedIndexes !== undefined && failedIndexes > maxFailedIndexes) {
      return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
    }
    if (failedIndexes > 0 && failedIndexes + this.#succeededIndexes.size >= completions) return failure('FailedIndexes', 'Job has failed indexes');
    return undefined;
  }

  /** Pods that restart in place fail the Job by their restarts. */
  #restartsExceed(limit: number): boolean {
    if (this.#job.spec!.template.spec?.restartPolicy !== 'OnFailure') return false;
    const restarts = this.#pods
      .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
      .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
      .reduce((sum, { restartCount }) => sum + restartCount, 0);
    return limit === 0 ? restarts > 0 : restarts >= limit;
  }

  /** Deletes pods that are too many, or creates those that are missing, when their time has come (manageJob). */
  #keepPods(): void {
    const { parallelism = 1, completions, suspend } = this.#job.spec!;
    const active = this.#active.length;
    const remaining =
      completions === undefined ? (this.#succeeded > 0 ? active : parallelism) : Math.max(0, Math.min(parallelism, completions - this.#succeeded));
    const wanted = suspend ? 0 : remaining;
    const surplus = this.#surplus(Math.max(0, active - wanted));
    if (surplus.length > 0) {
      for (const pod of surplus) {
        this.#release(pod);
        this.#delete(pod);
      }
      return;
    }
    const terminating = replacesOnlyFailed(this.#job) ? this.#terminating : 0;
    // As many as one pass may create: those that it creates lead to the next.
    const missing = Math.min(wanted - active - terminating, BURST);
    if (suspend || missing <= 0) return;
    // With a limit for each index, each index waits for itself.
    const at = this.#perIndex ? 0 : this.#retryAfter();
    if (at > this.#now) this.#enqueueAt(at);
    else if (this.#indexed) this.#createIndexes(this.#pendingIndexes(missing));
    else this.#create(Array.from({ length: missing }, () => undefined));
  }

  #retryAfter(): number {
    const failed = this.#pods.filter((pod) => hasFailed(pod, this.#job));
    const succeeded = this.#pods.filter(({ status }) => status?.phase === 'Succeeded');
    return retryAfter(failed, succeeded);
  }

  #surplus(atLeast: number): Pod[] {
    const doubled: Pod[] = [];
    let rest = [...this.#active];
    if (this.#indexed) {
      const groups = Map.groupBy(this.#active, (pod) => indexOf(pod, this.#job));
      rest = [];
      for (const [index, group] of groups) {
        const ranked = byDeletionRank(group, { now: this.#now });
        if (index !== undefined) rest.push(ranked.pop()!);
        doubled.push(...ranked);
      }
    }
    return [...doubled, ...byDeletionRank(rest, { now: this.#now }).slice(0, Math.max(0, atLeast - doubled.length))];
  }

  /** The lowest indexes that have neither succeeded nor failed nor a pod. */
  #pendingIndexes(count: number): number[] {
    const running = replacesOnlyFailed(this.#job) ? [...this.#active, ...this.#pods.filter(isTerminating)] : this.#active;
    const taken = new Set(running.map((pod) => indexOf(pod, this.#job)));
    const pending: number[] = [];
    for (let index = 0; index < (this.#job.spec!.completions ?? 0) && pending.length < count; index++) {
      if (!taken.has(index) && !this.#succeededIndexes.has(index) && !this.#failedIndexes.has(index)) pending.push(index);
    }
    return pending;
  }

  #createIndexes(indexes: readonly number[]): void {
    const ready: number[] = [];
    for (const index of indexes) {
      const last = this.#awaiting.get(index);
      const at = last ? retryAt(finishedAt(last), indexFailures(last).all + 1) : 0;
      if (at <= this.#now) ready.push(index);
      else this.#enqueueAt(at);
    }
    this.#create(ready);
  }

  #create(indexes: readonly (number | undefined)[]): void {
    for (const index of indexes) {
      const generateName = jobPodPrefix(this.#job, index);
      const name = this.#creation.drawName(generateName);
      const replaces = index === undefined ? undefined : this.#awaiting.get(index);
      this.#creation.create(jobPod(this.#job, { name, generateName, ...(index !== undefined && { index }), ...(replaces && { replaces }) }));
    }
  }

  #delete(pod: Pod): void {
    this.mutations.push(deletionOf('pods', pod));
    this.#recorder.normal(this.#job, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    this.#deleted.add(pod);
  }

  /** Lets a pod go that does not count. */
  #release(pod: Pod): void {
    if (!isTracked(pod)) return;
    this.mutations.push(updateTo('pods', withoutTracking(pod)));
    this.#released.add(pod);
  }

  #isComplete(): boolean {
    const { completions } = this.#job.spec!;
    const active = this.#active.length - this.#deleted.size + this.#creation.mutations.length;
    return active === 0 && (completions === undefined ? this.#succeeded > 0 : this.#succeeded >= completions);
  }

  #tellSuspension(): void {
    const { suspend } = this.#job.spec!;
    const before = this.#conditions;
    this.#conditions = withCondition(
      before,
      suspend
        ? { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
        : { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' },
      this.#now,
    );
    if (this.#conditions === before) return;
    this.#recorder.normal(this.#job, suspend ? 'Suspended' : 'Resumed', suspend ? 'Job suspended' : 'Job resumed');
    // The deadline is for the time that the Job is continuously active. (The field may only be removed while the Job is suspended.)
    this.#startTime = suspend ? undefined : timestamp(this.#now);
  }

  /** Counts the pods that have finished, and lets them go. A Job that fails counts the pods that it stops as failed. */
  #count(verdict: Verdict | undefined): void {
    const over = verdict !== undefined || this.#job.metadata.deletionTimestamp !== undefined;
    for (const pod of this.#pods) {
      if (!isTracked(pod) || this.#released.has(pod)) continue;
      const failed = hasFailed(pod, this.#job);
      const succeeded = pod.status?.phase === 'Succeeded';
      const awaited = this.#awaiting.get(indexOf(pod, this.#job) ?? -1) === pod;
      if (!over && !succeeded && (!failed || awaited)) continue;
      this.#release(pod);
      if (this.#indexed && indexOf(pod, this.#job) === undefined) continue;
      if (succeeded) this.#counted.succeeded++;
      else if ((failed || verdict?.type === 'FailureTarget') && this.#counts(pod)) this.#counted.failed++;
    }
  }

  /** Writes the verdict down, and, once the last pod is gone, that the Job is finished. */
  #finish({ type, reason, message }: Verdict): void {
    this.#conditions = withCondition(this.#conditions, { type, status: 'True', reason, message }, this.#now);
    if (this.#terminating > 0) return;
    const complete = type === 'SuccessCriteriaMet';
    this.#conditions = withCondition(this.#conditions, { type: complete ? 'Complete' : 'Failed', status: 'True', reason, message }, this.#now);
    if (!complete) {
      this.#recorder.warning(this.#job, reason, message);
      return;
    }
    this.#completionTime = timestamp(this.#now);
    if (this.#succeeded > (this.#job.spec!.completions ?? Number.POSITIVE_INFINITY)) {
      this.#recorder.warning(this.#job, 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
    }
    this.#recorder.normal(this.#job, 'Completed', 'Job completed');
  }

  /** Whether the failure of a pod counts: one that the failure policy ignores does not. */
  #counts = (pod: Pod): boolean => rulingOn(pod, this.#job.spec!.podFailurePolicy).action !== 'Ignore';

  #failsIndex(pod: Pod): boolean {
    const { action } = rulingOn(pod, this.#job.spec!.podFailurePolicy);
    return action === 'FailIndex' || (action !== 'Ignore' && indexFailures(pod).counted >= this.#job.spec!.backoffLimitPerIndex!);
  }

  #withNew(text: string | undefined, pods: readonly Pod[]): Set<number> {
    const indexes = indexSet(text, this.#job.spec!.completions ?? 0);
    for (const pod of pods) if (this.#indexed) indexes.add(indexOf(pod, this.#job)!);
    return indexes;
  }

  #podsAwaitingSuccessors(): Map<number, Pod> {
    const running = new Set(this.#active.map((pod) => indexOf(pod, this.#job)));
    const awaiting = new Map<number, Pod>();
    for (const pod of this.#newlyFailed) {
      const index = indexOf(pod, this.#job)!;
      if (running.has(index) || this.#succeededIndexes.has(index) || this.#failedIndexes.has(index)) continue;
      const other = awaiting.get(index);
      const later = !other || (indexFailures(other).all <= indexFailures(pod).all && finishedAt(pod) >= finishedAt(other));
      if (later) awaiting.set(index, pod);
    }
    return awaiting;
  }

  #enqueueAt(at: number): void {
    this.enqueueAt = clusterInstant(Math.min(this.enqueueAt ?? Number.POSITIVE_INFINITY, at));
  }
}

/** At most so many pods at once, however many the Job wants (MaxPodCreateDeletePerSync); they cause the next look, which makes the rest. */
const BURST = 500;
