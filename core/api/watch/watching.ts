import { between, type Elapsed, earlierOf, elapsedAt, plus } from '../../instant.ts';
import { StatusError } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { headersFor } from '../answers/answers.ts';
import { statusOf } from '../answers/failures.ts';
import { answerLongRunning } from '../answers/long-running.ts';
import type { ReadCall, WatchCall } from '../call.ts';
import type { ListOptions } from '../query/list-options.ts';
import type { SharedTimer } from './shared-timer.ts';
import type { WatchEncoder } from './watch-encoder.ts';
import { streamOf } from './watch-stream.ts';

/** A watch: what is told first, and what then, for as long as it lasts. */
export interface Watching {
  readonly call: WatchCall;
  readonly options: ListOptions;
  readonly encoder: WatchEncoder;
  readonly begin: Beginning;
  /** What comes after an offset, as soon as there is something; nothing but how far nothing came once `signal` aborts. */
  readonly pieceAfter: (after: Offset, signal: AbortSignal) => Promise<Piece>;
}

export interface Beginning {
  /** What is there already, when the client wants to be told; let go once it has been. */
  initial: Iterable<Uint8Array> | undefined;
  /** Changes after this offset follow. */
  readonly after: Offset;
}

/** Some events, and the offset up to which all is told with them; no bytes when none of it is selected. */
export interface Piece {
  readonly bytes: Uint8Array | undefined;
  readonly offset: Offset;
}

/** Answers a watch. What goes wrong once it has begun is told as an ERROR event: a resourceVersion that is no longer kept (410), a log that cannot be read (503). */
export function answerWatch(watching: Watching): Response {
  const { call } = watching;
  const body = (ended: () => void) => streamOf((stop) => frames(watching, stop), call.request.signal, ended);
  return answerLongRunning(body, { headers: headersFor(call, { stream: true }) });
}

export const lastingPartOf = ({ api, request, warnings, cluster, path, query, replica, restores, end, target, format }: ReadCall): WatchCall => ({
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

/** Says that all that was there has been told (API concepts, "Streaming lists"). */
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

async function* frames(watching: Watching, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const { call, options, encoder, begin } = watching;
  try {
    if (begin.initial) {
      yield* begin.initial;
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

async function* liveFrames(watching: Watching, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const { call, options, encoder, begin, pieceAfter } = watching;
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
      const piece = await pieceAfter(offset, waiting.signal);
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

/** In seconds: as the client asks, else between half an hour and an hour, so that clients do not all come back at once. */
function lifetimeOf({ api }: WatchCall, { timeoutSeconds }: ListOptions): number {
  const wanted = timeoutSeconds > 0 ? timeoutSeconds : 1800 * (1 + api.env.random.next());
  return Math.min(wanted, api.limits.watchSeconds);
}
