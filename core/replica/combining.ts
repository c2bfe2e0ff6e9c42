import type { Env } from '../env.ts';
import { between, type Elapsed, elapsedAt, plus } from '../instant.ts';
import type { Offset } from '../log/event.ts';
import { type LogEntry, LogUnavailable } from '../log/log.ts';
import type { ListedProposal, Proposal, Proposals } from '../log/proposals.ts';
import type { Change, Stamp } from '../state/change.ts';
import { type Evolved, evolve } from '../state/evolve.ts';
import { Reads } from '../state/reads.ts';
import type { State } from '../state/state.ts';
import type { Job, Outcome } from './job.ts';
import type { Lineage } from './lineage.ts';

/** What combining has to know of the log, as its replica has read it. */
export interface KnownLog {
  readonly state: () => State;
  readonly lineage: Lineage;
  /** What was appended after an offset; undefined when that is no longer known. */
  readonly changesAfter: (offset: Offset) => readonly Change[] | undefined;
}

/** Proposals that wait, in the order in which their writers' turns come. */
export type Line = readonly ListedProposal[];

/** A proposal of another writer on its way into an entry. */
export interface Taken extends Evolved, Pick<Proposal, 'id' | 'events'> {}

/**
 * Combining: writers that lose races for the log's end do not race on. Each leaves what it decided beside the log as a proposal, and the one that has waited
 * longest appends all proposals that go together in one entry; the others find theirs there when they read on (docs/decisions/0015-rebase.md).
 */
export class Combining {
  readonly #proposals: Proposals;
  readonly #cluster: string;
  readonly #env: Pick<Env, 'clock' | 'random'>;
  readonly #known: KnownLog;
  readonly #newId: () => string;
  /** Until then a commit is proposed before it is appended: it would lose the race. */
  #crowdedUntil = NEVER;
  /** When an entry was last seen that takes proposals in. */
  #servedAt = NEVER;
  /** Where the last few of those begin. */
  readonly #served: Offset[] = [];

  /** What a call of the log took last, in ms. */
  #callMs = MIN_CALL_MS;
  /** When this writer appended last, and when it last looked at the line, or began to append without a pause. */
  #appendedAt = NEVER;
  #lookedAt = NEVER;

  constructor({ proposals, cluster, env, newId }: CombiningOptions, known: KnownLog) {
    this.#proposals = proposals;
    this.#cluster = cluster;
    this.#env = env;
    this.#known = known;
    this.#newId = newId;
  }

  /** Whether jobs are to be proposed, before they are appended. */
  isWanted(jobs: readonly Job[]): boolean {
    return this.#now < this.#crowdedUntil || jobs.some(({ id }) => id !== undefined);
  }

  /** Puts beside the log what was decided, unless it is there, or rests on what is not in the log. */
  async propose(outcomes: readonly Outcome[], base: State): Promise<void> {
    const after = this.#known.lineage.at(base.offset);
    if (!after) return;
    const proposed = outcomes.map(async ({ job, events }) => {
      const { held } = job;
      // Only what nothing has touched is put again under the same id, so that at any time one decision can be taken in.
      const reads = held && events.length > 0 && held.events === events && !job.proposed?.standing ? held.reads?.set : undefined;
      if (!held || !reads) return;
      job.id ??= this.#newId();
      const proposal = { decision: held, after, reads: Reads.of(reads), standing: true, since: job.proposed?.since ?? this.#now };
      job.proposed = proposal;
      proposal.standing = (await this.#put({ id: job.id, after, events, reads })) && proposal.standing;
    });
    await Promise.all(proposed);
  }

  /** The line, as it is now. What was settled long ago, and left by a writer that did not live to remove it, is removed. */
  async line(): Promise<Line> {
    const listed = await this.#proposals.list(this.#cluster).catch(passing);
    const { lineage, state } = this.#known;
    const { offset } = state();
    for (const { id } of listed ?? []) if ((lineage.settledAt(id) ?? offset) < offset - LEFT_BEHIND) this.withdraw(id);
    const waiting = (listed ?? []).filter(({ id, after }) => lineage.settledAt(id) === undefined && (lineage.includes(after) || after.offset > offset));
    return waiting.sort((a, b) => this.#order(a, b));
  }

  /** Whether it is for the writer of these jobs to append. Each in the line gives those before it a while, for they may have died. */
  isTurnOf(jobs: readonly Job[], line: Line): boolean {
    let since = this.#servedAt;
    let place = line.length;
    for (const { id, proposed } of jobs) {
      // What cannot be left to others is appended as soon as possible.
      if (!proposed?.standing) return true;
      since = laterOf(since, proposed.since);
      place = Math.min(place, line.filter((other) => this.#order(other, { id: id!, after: proposed.after }) < 0).length);
    }
    return between(since, this.#now) >= place * PATIENCE_CALLS * this.#callMs;
  }

  /**
   * To be told of each append of this writer, while it goes to the log. A writer that appends one entry right behind the other wins every race, since the others hear of its
   * entry when it does, and never hears of them: it has a look at the line now and then, which costs its commits no time.
   */
  appending(): void {
    const now = this.#now;
    if (between(this.#appendedAt, now) > PAUSE_BETWEEN_MS) this.#lookedAt = now;
    this.#appendedAt = now;
    if (between(this.#lookedAt, now) < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    void this.line().then(
      (line) => {
        if (line.length > 0) this.expectCompany();
      },
      () => undefined,
    );
  }

  /** Until another writer's entry may be there. */
  async pause(): Promise<void> {
    await this.#env.clock.sleep(this.#callMs * (1 + this.#env.random.next()));
  }

  /** What goes into one entry behind some changes: what rests on this very log, is not in it, and has read nothing that was changed since or is changed by this entry. */
  take(line: Line, own: ReadonlySet<string>, { state, changes, at }: Evolved & { at: Stamp }): Taken[] {
    const taken: Taken[] = [];
    const before = [...changes];
    for (const { id, after, content } of line) {
      if (taken.length === MAX_TAKEN) break;
      const since = own.has(id) || !this.#known.lineage.includes(after) ? undefined : this.#known.changesAfter(after.offset);
      if (!since) continue;
      try {
        const { events, reads: set } = content();
        const reads = Reads.of(set);
        if (reads.touchedBy(since) || reads.touchedBy(before)) continue;
        const evolved = evolve(taken.at(-1)?.state ?? state, events, at);
        taken.push({ id, events, ...evolved });
        for (const change of evolved.changes) before.push(change);
      } catch {
        // It was written by a release that says things otherwise: its own writer is left to append it.
      }
    }
    return taken;
  }

  /** An entry was appended, by whichever writer. */
  appended({ offset, combined = [] }: LogEntry): void {
    if (!combined.some(({ count }) => count > 0)) return;
    this.#servedAt = this.#now;
    this.#served.push(offset);
    if (this.#served.length > PASSED_OVER) this.#served.shift();
  }

  /** There are writers enough for a race to be lost: for a while, none is begun. */
  expectCompany(): void {
    this.#crowdedUntil = plus(this.#now, CROWDED_MS);
  }

  /** Removes a settled proposal. Nothing waits for it: a writer that finds it there still sees in the log that it is settled. */
  withdraw(id: string): void {
    void this.#proposals.delete(this.#cluster, id).catch(() => undefined);
  }

  async #put(proposal: Proposal): Promise<boolean> {
    const began = this.#now;
    const put = await this.#proposals.put(this.#cluster, proposal).catch(passing);
    this.#callMs = Math.min(Math.max(between(began, this.#now), MIN_CALL_MS), MAX_CALL_MS);
    return put ?? false;
  }

  /** The writer that decided on the older state has waited longer. A proposal that several entries have passed over comes last: its writer is dead, or about to decide again. */
  #order(a: Pick<Proposal, 'id' | 'after'>, b: Pick<Proposal, 'id' | 'after'>): number {
    const fresh = this.#served.length === PASSED_OVER ? this.#served[0]! : 0;
    const passedOver = Number(a.after.offset < fresh) - Number(b.after.offset < fresh);
    return passedOver || a.after.offset - b.after.offset || Number(a.id > b.id) - Number(a.id < b.id);
  }

  get #now(): Elapsed {
    return this.#env.clock.elapsed();
  }
}

interface CombiningOptions {
  readonly proposals: Proposals;
  readonly cluster: string;
  readonly env: Pick<Env, 'clock' | 'random'>;
  readonly newId: () => string;
}

/** Without proposals a commit races for the log's end: whether the log is there, that append says. */
function passing(error: unknown): undefined {
  if (!(error instanceof LogUnavailable)) throw error;
}

/** How long a writer that lost a race expects to lose the next one. */
const CROWDED_MS = 250;
/** A writer that pauses no longer than this between two appends, for so long, looks whether others wait. */
const PAUSE_BETWEEN_MS = 20;
const LOOK_EVERY_MS = 100;
/** For how many calls of the log each in the line is given time: it looks and appends, and may have been about to look. */
const PATIENCE_CALLS = 10;
const MIN_CALL_MS = 5;
/** A call that was tried again took longer. */
const MAX_CALL_MS = 100;
/** How many proposals an entry takes in at most. */
const MAX_TAKEN = 256;
const PASSED_OVER = 4;
/** A writer that waits for its entry sees it before so many events have followed it. */
const LEFT_BEHIND = 1_000;

/** Before all that ever was. */
const NEVER = elapsedAt(Number.NEGATIVE_INFINITY);

const laterOf = (one: Elapsed, other: Elapsed): Elapsed => (one < other ? other : one);
