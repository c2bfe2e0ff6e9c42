import { between, type Elapsed, earlierOf, elapsedAt, plus } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { Scope } from '../../replica/waiting-readers.ts';
import type { Change } from '../../state/change.ts';
import { headersFor } from '../answers/answers.ts';
import { statusOf } from '../answers/failures.ts';
import { answerLongRunning } from '../answers/long-running.ts';
import type { ReadCall, WatchCall } from '../call.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { candidatesOf, type Selection, scopeOf, selected, selectionOf } from '../query/selection.ts';
import { converted } from '../request/converted.ts';
import { stateFor } from '../request/reading.ts';
import type { SharedTimer } from '../watch/shared-timer.ts';
import { concat, type WatchEncoder, watchEncoder } from '../watch/watch-encoder.ts';
import { type WatchEvent, watchEventOf } from '../watch/watch-event.ts';
import { SLICE, streamOf } from '../watch/watch-stream.ts';

/**
 * The changes of a collection as they happen (API concepts, "Efficient detection of changes", "Streaming lists" and "Watch bookmarks").
 * What goes wrong once it has begun is told as an ERROR event: a resourceVersion that is no longer kept (410), a log that cannot be read (503).
 */
export async function watch(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: true });
  const selection = selectionOf(call, options);
  const begin = await beginningOf(call, options, selection);
  return streaming(lastingPartOf(call), { options, selection, begin });
}

const lastingPartOf = ({ api, request, warnings, cluster, path, query, replica, restores, end, target, format }: ReadCall): WatchCall => ({
  api,
  request,
  warnings,
  cluster,
  path,
  query,
  replica,
  restores,
  end,
  target,
  format,
});

function streaming(call: WatchCall, { options, selection, begin }: Pick<Watching, 'options' | 'selection' | 'begin'>): Response {
  const { restores } = call.replica;
  const watching: Watching = { call, options, selection, scope: scopeOf(selection), encoder: watchEncoder(call, { restores }), begin, restores };
  const body = (ended: () => void) => streamOf((stop) => frames(watching, stop), call.request.signal, ended);
  return answerLongRunning(body, { headers: headersFor(call, { stream: true }) });
}

interface Watching {
  readonly call: WatchCall;
  readonly options: ListOptions;
  readonly selection: Selection;
  readonly scope: Scope;
  readonly encoder: WatchEncoder;
  readonly begin: Beginning;
  /** Of the cluster's log, when the watch began: what was told is of no use once there is another. */
  readonly restores: number;
}

interface Beginning {
  /** What is there already, when the client wants to be told; let go once it has been. */
  initial: readonly KubeObject[] | undefined;
  /** Changes after this offset follow. */
  readonly after: Offset;
}

/** Where a watch begins (API concepts, "Semantics for watch"). What is there is taken down at once: the state moves on. */
async function beginningOf(call: ReadCall, { offset, sendInitialEvents }: ListOptions, selection: Selection): Promise<Beginning> {
  if (sendInitialEvents ?? !offset) {
    const state = await stateFor(call, { atLeast: offset });
    if (call.target.versions) await converted(call, candidatesOf(state, selection));
    return { initial: selected(state, selection), after: state.offset };
  }
  // An offset that a client names is one of the log as it is now.
  if (call.replica.isDoubtful) await call.replica.catchUp();
  return { initial: undefined, after: offset || (await stateFor(call, { atLeast: offset })).offset };
}

/** Says that all that was there has been told (API concepts, "Streaming lists"). */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

async function* frames(watching: Watching, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const { call, options, encoder, begin } = watching;
  try {
    if (begin.initial) {
      yield* encoder.initial(begin.initial);
      begin.initial = undefined;
      if (options.sendInitialEvents && options.allowWatchBookmarks) yield encoder.bookmark(begin.after, INITIAL_EVENTS_END);
    }
    yield* liveFrames(watching, stop);
  } catch (error) {
    if (stop.aborted) return;
    if (!(error instanceof StatusError)) call.api.problem(`a watch of ${call.path} failed`, error);
    yield encoder.error(statusOf(error, 'the watch failed'));
  }
}

/** How much is encoded at once, in bytes: a client that takes it slowly holds up no more than that, or one event if that is larger. */
const PIECE = SLICE;

async function* liveFrames(watching: Watching, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const { call, options, encoder, begin } = watching;
  const { replica, api, end } = call;
  const { clock } = api.env;
  const deadline = plus(clock.elapsed(), 1000 * lifetimeOf(call, options));
  const period = options.allowWatchBookmarks ? 1000 * api.limits.bookmarkSeconds : Number.POSITIVE_INFINITY;
  const nextTime = () => earlierOf(deadline, onTheSecond(plus(clock.elapsed(), period)));
  const unfollow = replica.follow();
  let offset = begin.after;
  let waiting = waitingUntil(nextTime(), api.timer, stop);
  try {
    // A cluster that is shown at another time changes no more: a watch on it ends when all has been told.
    while (end === undefined || offset < end) {
      const piece = await pieceAfter(offset, watching, waiting.signal);
      offset = piece.offset;
      if (piece.bytes) yield piece.bytes;
      if (stop.aborted) return;
      if (!waiting.signal.aborted) continue;
      if (options.allowWatchBookmarks) yield encoder.bookmark(offset);
      if (clock.elapsed() >= deadline) return;
      waiting.end();
      waiting = waitingUntil(nextTime(), api.timer, stop);
    }
  } finally {
    waiting.end();
    unfollow();
  }
}

/** A signal that aborts at a time, or when `stop` does before. `end` lets go of both. */
function waitingUntil(time: Elapsed, timer: SharedTimer, stop: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
  const over = new AbortController();
  const abort = () => over.abort();
  const cancel = timer.at(time, abort);
  stop.addEventListener('abort', abort, { once: true });
  if (stop.aborted) abort();
  return {
    signal: over.signal,
    end() {
      cancel();
      stop.removeEventListener('abort', abort);
    },
  };
}

/** Bookmarks of all watches are due together, so that an idle process wakes up once for them. */
const onTheSecond = (time: Elapsed): Elapsed => elapsedAt(Math.ceil(between(elapsedAt(0), time) / 1000) * 1000);

/** Some events, and the offset up to which all is told with them; no bytes when none of it is selected. */
interface Piece {
  readonly bytes: Uint8Array | undefined;
  readonly offset: Offset;
}

/**
 * What comes after an offset, as soon as there is something; nothing but how far nothing came once `signal` aborts. Of the changes only their events are kept
 * while a client takes its time.
 */
async function pieceAfter(after: Offset, { call, selection, scope, encoder, restores }: Watching, signal: AbortSignal): Promise<Piece> {
  const frames: Uint8Array[] = [];
  let size = 0;
  const { end } = call;
  const wait = end === undefined ? signal : NOT_AT_ALL;
  const { changes, offset } = await call.replica.changesAfter(after, { scope, signal: wait, restores });
  for (let i = 0; i < changes.length; i += AT_ONCE) {
    const some = changes.slice(i, i + AT_ONCE).filter((change) => end === undefined || change.offset <= end);
    if (call.target.versions && selection.fields.length > 0) await converted(call, selectedBy(some, selection));
    const events = some.flatMap((change) => told(change, selection));
    if (call.target.versions) {
      await converted(
        call,
        events.map(({ event }) => event.object),
      );
    }
    for (const { change, event } of events) {
      const frame = encoder.change(change, event);
      frames.push(frame);
      size += frame.length;
      if (size >= PIECE) return { offset: change.offset, bytes: concat(frames) };
    }
  }
  return { offset: Math.min(offset, end ?? offset), bytes: frames.length > 0 ? concat(frames) : undefined };
}

/** How many changes are looked at at once, and a webhook asked about: more than these a client that is behind may not take soon. */
const AT_ONCE = 100;

function told(change: Change, selection: Selection): { change: Change; event: WatchEvent }[] {
  const event = watchEventOf(change, selection);
  return event ? [{ change, event }] : [];
}

/** What a selector of fields looks at, before and after. */
const selectedBy = (changes: readonly Change[], { target: { storage }, namespace }: Selection): KubeObject[] =>
  changes
    .filter(({ key, object }) => key.startsWith(`${storage.groupResource}/`) && (namespace === undefined || object.metadata.namespace === namespace))
    .flatMap(({ object, previous }) => (previous ? [previous, object] : [object]));

const NOT_AT_ALL = AbortSignal.abort();

/** In seconds: as the client asks, else between half an hour and an hour, so that clients do not all come back at once. */
function lifetimeOf({ api }: WatchCall, { timeoutSeconds }: ListOptions): number {
  const wanted = timeoutSeconds > 0 ? timeoutSeconds : 1800 * (1 + api.env.random.next());
  return Math.min(wanted, api.limits.watchSeconds);
}
