import type { Offset } from '../../log/log.ts';
import type { KubeObject } from '../../object.ts';
import { StatusError } from '../../status.ts';
import { headersFor } from '../answers.ts';
import type { Call } from '../call.ts';
import { statusOf } from '../failures.ts';
import { type ListOptions, readListOptions } from '../list-options.ts';
import { endOf, stateFor } from '../reading.ts';
import { type Selection, selectable, selected, selectionOf } from '../selection.ts';
import { concat, type WatchEncoder, watchEncoder } from '../watch-encoder.ts';
import { watchEventOf } from '../watch-event.ts';
import { SLICE, streamOf } from '../watch-stream.ts';

/**
 * The changes of a collection as they happen (API concepts, "Efficient detection of changes", "Streaming lists" and "Watch bookmarks").
 * What goes wrong once it has begun is told as an ERROR event: a resourceVersion that is no longer kept (410), a log that cannot be read (503). Throws 429 when its user
 * has its share of the watches that are served already.
 */
export async function watch(call: Call): Promise<Response> {
  const options = readListOptions(call.query, { resource: selectable(call.target), watch: true });
  const selection = selectionOf(call, options);
  const release = call.api.watchSlots.take(`${call.user.username} ${call.cluster}`);
  try {
    const end = await endOf(call);
    const begin = await beginningOf(call, options, selection);
    const { restores } = call.replica;
    const watching: Watching = { call, options, selection, encoder: watchEncoder(call, { restores }), end, begin, restores };
    const body = streamOf((stop) => frames(watching, stop), call.request.signal, release);
    return new Response(body, { headers: headersFor(call, { stream: true }) });
  } catch (error) {
    release();
    throw error;
  }
}

interface Watching {
  readonly call: Call;
  readonly options: ListOptions;
  readonly selection: Selection;
  readonly encoder: WatchEncoder;
  readonly begin: Beginning;
  /** Of the cluster's log, when the watch began: what was told is of no use once there is another. */
  readonly restores: number;
  /** The last offset of a cluster that is shown at another time. */
  readonly end: Offset | undefined;
}

interface Beginning {
  /** What is there already, when the client wants to be told. */
  readonly initial: readonly KubeObject[] | undefined;
  /** Changes after this offset follow. */
  readonly after: Offset;
}

/** Where a watch begins (API concepts, "Semantics for watch"). What is there is taken down at once: the state moves on. */
async function beginningOf(call: Call, { offset, sendInitialEvents }: ListOptions, selection: Selection): Promise<Beginning> {
  if (sendInitialEvents ?? !offset) {
    const state = await stateFor(call, { atLeast: offset });
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
      yield* initialFrames(begin.initial, encoder);
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

function* initialFrames(objects: readonly KubeObject[], encoder: WatchEncoder): Generator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let size = 0;
  for (const object of objects) {
    const frame = encoder.initial(object);
    ready.push(frame);
    size += frame.length;
    if (size >= PIECE) {
      yield concat(ready);
      ready = [];
      size = 0;
    }
  }
  if (ready.length > 0) yield concat(ready);
}

async function* liveFrames(watching: Watching, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const { call, options, encoder, begin, end } = watching;
  const { replica, api } = call;
  const { clock } = api.env;
  const deadline = clock.elapsed() + 1000 * lifetimeOf(call, options);
  const period = options.allowWatchBookmarks ? 1000 * api.limits.bookmarkSeconds : Number.POSITIVE_INFINITY;
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  const uncount = api.metrics.watch(call);
  const unfollow = replica.follow();
  let offset = begin.after;
  let bookmarkAt = clock.elapsed() + period;
  try {
    let next = pieceAfter(offset, watching, signal);
    // A cluster that is shown at another time changes no more: a watch on it ends when all has been told.
    while (end === undefined || offset < end) {
      const piece = await within(Math.min(deadline, bookmarkAt) - clock.elapsed(), next, call);
      if (piece === 'time') {
        if (options.allowWatchBookmarks) yield encoder.bookmark(offset);
        if (clock.elapsed() >= deadline) return;
        bookmarkAt = clock.elapsed() + period;
        continue;
      }
      if (!piece) return;
      if (piece.bytes) yield piece.bytes;
      offset = piece.offset;
      next = pieceAfter(offset, watching, signal);
    }
  } finally {
    // What waits for the next change is let go, so that nothing of this watch stays behind.
    ended.abort();
    unfollow();
    uncount();
  }
}

/** Some events, and the offset up to which all is told with them; no bytes when none of it is selected. */
interface Piece {
  readonly bytes: Uint8Array | undefined;
  readonly offset: Offset;
}

/** What comes after an offset. Of the changes only their events are kept while a client takes its time. Undefined once `signal` aborts. */
async function pieceAfter(after: Offset, { call, selection, encoder, end, restores }: Watching, signal: AbortSignal): Promise<Piece | undefined> {
  const frames: Uint8Array[] = [];
  let size = 0;
  let offset: Offset | undefined;
  for (const change of await call.replica.changesAfter(after, { signal, restores })) {
    offset = change.offset;
    if (end !== undefined && offset > end) break;
    const event = watchEventOf(change, selection);
    if (!event) continue;
    const frame = encoder.change(change, event);
    frames.push(frame);
    size += frame.length;
    if (size >= PIECE) break;
  }
  return offset === undefined ? undefined : { offset, bytes: frames.length > 0 ? concat(frames) : undefined };
}

/** What comes first: the promise, or the time. What is ready when the time has come goes before it, or a stream of a busy process would end without a word. */
function within<T>(ms: number, promise: Promise<T>, { api }: Call): Promise<T | 'time'> {
  // It is asked again, or let go, once the client has taken what it is told first; a rejection until then must not end the process.
  promise.catch(() => undefined);
  if (ms <= 0) return Promise.resolve('time');
  const timer = new AbortController();
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject).finally(() => timer.abort());
    void api.env.clock
      .sleep(Math.min(ms, LONGEST_SLEEP), timer.signal)
      .then(() => api.env.clock.turn())
      .then(() => resolve('time'));
  });
}

/** Timers of Node take no more; a watch that lasts longer gets one more bookmark. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/** In seconds: as the client asks, else between half an hour and an hour, so that clients do not all come back at once. */
function lifetimeOf({ api }: Call, { timeoutSeconds }: ListOptions): number {
  const wanted = timeoutSeconds > 0 ? timeoutSeconds : 1800 * (1 + api.env.random.next());
  return Math.min(wanted, api.limits.watchSeconds);
}
