import type { Ask } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Mutation } from '../apis/mutation.ts';
import { CommitMemory } from '../decide/commit-memory.ts';
import { decide } from '../decide/decide.ts';
import { isAsking } from '../decide/decision.ts';
import { ENDLESS, MAX_ROUNDS } from '../decide/rounds.ts';
import type { Env } from '../env.ts';
import type { ClusterInstant } from '../instant.ts';
import { fieldsOf, objectOf } from '../kube/fields.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import { StatusError, serviceUnavailable } from '../kube/status.ts';
import type { LogEvent } from '../log/event.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { mergedChanges } from './merged-changes.ts';
import type { Attributed, Failure } from './reconciler.ts';

/** What a round's mutations came to: the state that they lead to, how, what was refused and what asks. */
export interface Applied {
  readonly state: State;
  readonly events: readonly LogEvent[];
  readonly changes: readonly Change[];
  /** For what each of the events was decided. */
  readonly parts: readonly (Key | undefined)[];
  readonly failures: readonly Failure[];
  readonly asking: readonly AskingMutation[];
}

/** A mutation whose decision asks; it is applied again, as it is here, once that has been answered. */
export interface AskingMutation {
  readonly mutation: Attributed;
  readonly memory: CommitMemory;
  readonly asks: readonly Ask[];
  /** How often it has asked. */
  readonly rounds: number;
  /** As the object was that the mutation was made for. */
  readonly made: KubeObject | undefined;
  /** What tells of it (`CreateMutation.tellsOf`). */
  readonly tellers: Attributed[];
}

export interface ApplyContext {
  readonly env: Env;
  readonly now: ClusterInstant;
  readonly plugins: readonly AdmissionPlugin[];
  /** A state as a part of the pass sees it, which notes what is read. */
  readonly observed?: (state: State, part: Key | undefined) => State;
}

/**
 * Applies the mutations of one round, one after the other. All of them were made for the state before the round, each without
 * knowing of the others: where two concern one object, both hold (`rebased`), and what another has deleted already is not missed. One that
 * is refused is left out, and one that asks comes back later; the others stand.
 */
export function apply(before: State, mutations: readonly Attributed[], context: ApplyContext): Applied {
  const round = new Round(before, context);
  for (const mutation of mutations) round.add({ mutation, memory: new CommitMemory() });
  return round;
}

/** The same for mutations that have been answered: what others did to their objects meanwhile holds too. */
export function applyAnswered(before: State, answered: readonly AskingMutation[], context: ApplyContext): Applied {
  const round = new Round(before, context);
  for (const asking of answered) {
    round.add(asking);
    for (const mutation of asking.tellers) round.add({ mutation, memory: new CommitMemory() });
  }
  return round;
}

class Round implements Applied {
  state: State;
  readonly events: LogEvent[] = [];
  readonly changes: Change[] = [];
  readonly parts: (Key | undefined)[] = [];
  readonly failures: Failure[] = [];
  readonly asking: AskingMutation[] = [];
  readonly #context: ApplyContext;
  readonly #changed = new Set<Key>();
  readonly #asked = new Map<Key, AskingMutation>();
  /** The parts of which a mutation was refused. */
  readonly #refused = new Set<Key>();
  /** As the objects were that this round has changed so far. */
  readonly #original = new Map<Key, KubeObject | undefined>();

  constructor(before: State, context: ApplyContext) {
    this.state = before;
    this.#context = context;
  }

  add({ mutation, memory, made, rounds = 0 }: Pick<AskingMutation, 'mutation' | 'memory'> & Partial<AskingMutation>): void {
    if (mutation.type === 'create' && mutation.tellsOf) {
      // What is still asked about is told of once that has been answered.
      const asked = mutation.tellsOf.find((key) => this.#asked.has(key));
      if (asked !== undefined) return void this.#asked.get(asked)!.tellers.push(mutation);
      if (!mutation.tellsOf.some((key) => this.#changed.has(key))) return;
    }
    const { env, now, plugins, observed } = this.#context;
    const { actor, cause, part } = mutation;
    // What has come about is told with what comes about: what is refused is tried again, and would tell of itself each time.
    if (part !== undefined && this.#refused.has(part) && isNormalEvent(mutation)) return;
    // What is read is read for the mutation's part alone.
    const state = observed ? observed(this.state, part) : this.state;
    const current = mutation.type === 'create' ? undefined : state.get(mutation.resource, ...pathOf(mutation));
    const known = mutation.type === 'create' ? undefined : (made ?? this.#original.get(keyOf(mutation.resource, ...pathOf(mutation))));
    if (known && !current) return;
    const meant = known && known !== current ? rebased(mutation, known, current!) : mutation;
    const { answers } = memory;
    try {
      const decision = decide(state, meant, {
        env: memory.env(0, env),
        now: memory.now(now),
        actor,
        plugins,
        answers,
        ...(cause !== undefined && { cause }),
      });
      if (!isAsking(decision)) this.#take(decision.events, part);
      else if (rounds === MAX_ROUNDS) throw serviceUnavailable(ENDLESS);
      else this.#ask({ mutation, memory, asks: decision.asks, rounds: rounds + 1, made: known ?? current, tellers: [] });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.failures.push({ mutation, status: error.status });
      if (part !== undefined) this.#refused.add(part);
    }
  }

  #ask(asking: AskingMutation): void {
    this.asking.push(asking);
    this.#asked.set(keyOf(asking.mutation.resource, ...pathOf(asking.mutation)), asking);
  }

  #take(events: readonly LogEvent[], part: Key | undefined): void {
    for (const event of events) this.events.push(event);
    const evolved = evolve(this.state, events, { time: this.#context.now });
    this.state = evolved.state;
    for (const change of evolved.changes) {
      this.changes.push(change);
      this.#changed.add(change.key);
      this.parts.push(part);
      if (!this.#original.has(change.key)) this.#original.set(change.key, change.previous);
    }
  }
}

/** One that says of no object in particular that it tells of it. */
function isNormalEvent(mutation: Attributed): boolean {
  if (mutation.resource !== 'events' || (mutation.type !== 'create' && mutation.type !== 'update')) return false;
  return (mutation.object as EventObject).type === 'Normal' && !(mutation.type === 'create' && mutation.tellsOf);
}

function pathOf(mutation: Mutation): [namespace: string | undefined, name: string] {
  const { namespace, name } = mutation.type === 'create' || mutation.type === 'update' ? mutation.object.metadata : mutation;
  return [namespace, name];
}

/**
 * An update that was made for `known`, for the object as it is by now: it changes what it meant to change, and leaves the rest as others
 * left it. One that insists on a version stays as it is, and is refused.
 */
function rebased(mutation: Attributed, known: KubeObject, current: KubeObject): Mutation {
  if (mutation.type !== 'update' || mutation.object.metadata.resourceVersion) return mutation;
  const { object, subresource } = mutation;
  const { status } = fieldsOf(object);
  const meant = subresource === 'status' ? objectOf({ ...known, metadata: { ...known.metadata, ...object.metadata }, status }) : object;
  return { ...mutation, object: unversioned(mergedChanges({ known, meant, current })) };
}

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
