import type { Ask } from '../../admission/ask.ts';
import type { Annotate } from '../../admission/plugin.ts';
import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { noEffectWarnings } from '../../apis/no-effect.ts';
import type { CommitMemory } from '../../decide/commit-memory.ts';
import { decide } from '../../decide/decide.ts';
import { type Asking, type Decision, isAsking } from '../../decide/decision.ts';
import { inRounds } from '../../decide/rounds.ts';
import { asking } from '../../decide/versions.ts';
import type { ClusterInstant } from '../../instant.ts';
import { requestTooLarge, StatusError } from '../../kube/status.ts';
import { userNamed } from '../../kube/user.ts';
import type { LogEvent, Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import { evolve } from '../../state/evolve.ts';
import { Reads } from '../../state/reads.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import { optionsForPlugins } from '../query/write-options.ts';
import { converted } from '../request/converted.ts';
import { refuseUnlessStillPermitted } from '../request/still-permitted.ts';
import type { Script, Wanted, Write, Written } from '../write.ts';

/**
 * The stage that writes: decides on the newest state what the request wants changed (`decide/`: defaults, admission, validation) and appends what comes of
 * it, in one commit. When another writer was first, or a plugin had to ask, all of it is done again on what is there then (GuaranteedUpdate). A dry run
 * goes the same way and ends before the append.
 */
export async function append(call: WritingCall): Promise<{ written: readonly Written[] }> {
  const { write, api, replica } = call;
  const attempt = write.dryRun ? rehearse : commit;
  const edge = { ask: api.ask, clock: api.env.clock, state: () => replica.state };
  const annotations = call.audit && new Map<string, Annotation>();
  try {
    const { written, warnings, offset } = await inRounds((memory) => attempt(call, { memory, annotations }), edge);
    call.warnings.push(...warnings);
    // What the log knows of a write, which is all of it, need not be written down again: by this it is found there.
    if (offset !== undefined) call.audit?.annotate('logplane.dev/offset', String(offset));
    await converted(call, [...written.map(({ object }) => object), ...(write.shown?.() ?? [])]);
    return { written };
  } catch (error) {
    if (error instanceof StatusError) call.warnings.push(...error.warnings);
    throw error;
  } finally {
    for (const [key, { value, level }] of annotations ?? []) call.audit!.annotate(key, value, level);
  }
}

type WritingCall = WriteCall & { readonly write: Write };

type Attempt = (call: WritingCall, attempt: Attempted) => Promise<Settled | Asking>;

interface Attempted {
  readonly memory: CommitMemory;
  /** What plugins have audited of the last decision; none where nothing is. */
  readonly annotations: Map<string, Annotation> | undefined;
}

interface Annotation {
  readonly value: string;
  readonly level: Parameters<Annotate>[2];
}

const commit: Attempt = (call, attempted) =>
  call.replica.commit<Settled | Asking>(
    (state, now) => {
      const decided = decideAll(call, { state, now, ...attempted });
      // Nothing is appended: it leaves the group, and comes back with the answers.
      if (isAsking(decided)) return { events: [], answer: () => decided };
      const events = decided.flatMap(({ events }) => events);
      return { events, answer: (changes) => settle(decided, changes), ...(call.write.namesOffsets && { reads: [everything()] }) };
    },
    { caughtUp: call.caughtUp, ...(call.write.atomic && { atomic: true }) },
  );

/** What names its own offsets rests on all that comes before it. */
function everything(): Reads {
  const reads = new Reads();
  reads.everything();
  return reads;
}

const rehearse: Attempt = async (call, attempted) => {
  if (!call.caughtUp) await call.replica.catchUp();
  const decided = decideAll(call, { state: call.replica.state, now: call.replica.now(), ...attempted });
  return isAsking(decided) ? decided : settle(decided, []);
};

interface Settled {
  /** Of the entry in which it stands; none where nothing was written. */
  readonly offset: Offset | undefined;
  readonly written: readonly Written[];
  readonly warnings: readonly string[];
}

/** A decision of a mutation, with all that its client is warned of. */
type Decided = Decision & { readonly isDeletion: boolean };

/** The decisions of all mutations of a write, each on what the ones before it left. */
function decideAll(call: WritingCall, attempted: Attempted & At): Decided[] | Asking {
  const { state, now, memory } = attempted;
  const asks: Ask[] = [];
  attempted.annotations?.clear();
  permit(call, attempted);
  const plan = call.write.plan(state, now, asking(memory.answers, asks));
  if (!plan) return { asks };
  const script = 'next' in plan ? plan : each(plan);
  const out: Decided[] = [];
  const left = new LazyState(state, now);
  for (let next = script.next(); !next.done; ) {
    if (asks.length > 0) return { asks };
    const wanted = next.value;
    try {
      const decision = decideOne(call, { wanted, place: out.length, state: left.state, attempted });
      if (isAsking(decision)) return decision;
      out.push(decision);
      left.add(decision);
      next = script.next({
        decision,
        get state() {
          return left.state;
        },
      });
    } catch (error) {
      next = script.throw(error);
    }
  }
  return asks.length > 0 ? { asks } : out;
}

interface At {
  readonly state: State;
  readonly now: ClusterInstant;
}

function* each(mutations: readonly Mutation[]): Script {
  for (const mutation of mutations) yield { mutation };
}

/** The state that decisions lead to, folded when it is looked at: most writes are of one mutation, behind which nobody looks. */
class LazyState {
  readonly #now: ClusterInstant;
  #state: State;
  #events: readonly LogEvent[] = [];

  constructor(state: State, now: ClusterInstant) {
    this.#state = state;
    this.#now = now;
  }

  add({ events }: Decision): void {
    this.#state = this.state;
    this.#events = events;
  }

  get state(): State {
    if (this.#events.length > 0) this.#state = evolve(this.#state, this.#events, { time: this.#now }).state;
    this.#events = [];
    return this.#state;
  }
}

interface Deciding {
  readonly wanted: Wanted;
  /** How many mutations come before it. */
  readonly place: number;
  readonly state: State;
  readonly attempted: Attempted & Pick<At, 'now'>;
}

function decideOne(call: WritingCall, { wanted, place, state, attempted: { memory, now, annotations } }: Deciding): Decided | Asking {
  const { api, user, write } = call;
  const { mutation, cause, call: own = call, isNote = false } = wanted;
  const { dryRun } = write;
  const decision = decide(state, mutation, {
    env: memory.env(place, api.env),
    now: memory.now(now),
    actor: isNote ? API_SERVER : user,
    plugins: isNote ? [] : api.admissionPlugins,
    dryRun,
    ...(cause !== undefined && { cause }),
    options: optionsForPlugins(own.query, { dryRun }),
    ...(mutation.resource === own.target.resource.groupResource && { version: own.target.version.version }),
    answers: memory.answers,
    ...(annotations && { annotate: (key, value, level) => void annotations.set(key, { value, level }) }),
  });
  if (isAsking(decision)) return decision;
  const isDeletion = mutation.type === 'delete';
  const early = own === call ? [] : own.warnings;
  if (isDeletion || isNote) return { ...decision, warnings: [...early, ...decision.warnings], isDeletion };
  const ofKind = checked(decision, mutation, { resource: apisOf(state).resource(mutation.resource)!, call: own });
  return { ...decision, warnings: [...early, ...decision.warnings.toSpliced(decision.warningsBeforeJudging, 0, ...ofKind)], isDeletion };
}

function permit(call: WritingCall, { state, now, annotations }: Pick<Attempted, 'annotations'> & At): void {
  try {
    refuseUnlessStillPermitted(call, state, now);
  } catch (error) {
    annotations?.set('authorization.k8s.io/decision', { value: 'forbid', level: 'Metadata' });
    throw error;
  }
}

/** What the writer of an object is warned of. Throws 413. */
function checked({ object, old, events }: Decision, mutation: Mutation, { resource, call }: { resource: ApiResource; call: WriteCall }): string[] {
  if (events.length > 0) checkSize(object, call);
  const subresource = mutation.type === 'update' ? mutation.subresource : undefined;
  return [...noEffectWarnings(resource, object), ...(resource.strategy.warnings?.(object, old, subresource) ?? [])];
}

function settle(decided: readonly Decided[], changes: readonly Change[]): Settled {
  let i = 0;
  const written = decided.map(({ events, key, object, old, deleted, isDeletion }) => {
    // What follows from the write may have changed the object once more.
    const own = changes.slice(i, i + events.length).findLast((change) => change.key === key);
    i += events.length;
    // An update that let the object go is answered with what it left of it, of the version before (store.go, deleteWithoutFinalizers).
    return { object: deleted && !isDeletion ? object : (own?.object ?? object), deleted, created: old === undefined };
  });
  return { offset: changes[0]?.offset, written, warnings: decided.flatMap(({ warnings }) => warnings) };
}

/**
 * An object is smaller than what was sent of it, but for its defaults, of which a container has ten times what must be sent of it, and unless it was
 * patched: only then, and for bodies that are not small, is it worth measuring.
 */
function checkSize(object: object, { api, body, info }: WriteCall): void {
  const limit = api.limits.objectBytes;
  if (info.verb !== 'patch' && body.length < limit / 16) return;
  // etcd refuses such a write in these words.
  if (Buffer.byteLength(JSON.stringify(object)) > limit) throw requestTooLarge('etcdserver: request is too large');
}

const API_SERVER = userNamed('system:apiserver');
