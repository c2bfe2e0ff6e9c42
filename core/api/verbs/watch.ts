import type { KubeObject } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import type { Scope } from '../../replica/waiting-readers.ts';
import type { Change } from '../../state/change.ts';
import type { ReadCall, WatchCall } from '../call.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { candidatesOf, type Selection, scopeOf, selected, selectionOf } from '../query/selection.ts';
import { converted } from '../request/converted.ts';
import { stateFor } from '../request/reading.ts';
import { concat, type WatchEncoder, watchEncoder } from '../watch/watch-encoder.ts';
import { type WatchEvent, watchEventOf } from '../watch/watch-event.ts';
import { SLICE } from '../watch/watch-stream.ts';
import { answerWatch, lastingPartOf, type Piece } from '../watch/watching.ts';

/** The changes of a collection as they happen (API concepts, "Efficient detection of changes", "Streaming lists" and "Watch bookmarks"). */
export async function watch(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: true });
  const selection = selectionOf(call, options);
  const { initial, after } = await beginningOf(call, options, selection);
  return streaming(lastingPartOf(call), { options, selection, initial, after });
}

/** Apart from the call, whose state must not be kept for as long as the watch lasts. */
function streaming(call: WatchCall, { options, selection, initial, after }: { options: ListOptions; selection: Selection } & Begun): Response {
  const { restores } = call.replica;
  const encoder = watchEncoder(call, { restores });
  const selecting: Selecting = { call, selection, scope: scopeOf(selection), encoder, restores };
  const begin = { initial: initial && encoder.initial(initial), after };
  return answerWatch({ call, options, encoder, begin, pieceAfter: (offset, signal) => pieceAfter(offset, selecting, signal) });
}

interface Selecting {
  readonly call: WatchCall;
  readonly selection: Selection;
  readonly scope: Scope;
  readonly encoder: WatchEncoder;
  /** Of the cluster's log, when the watch began: what was told is of no use once there is another. */
  readonly restores: number;
}

interface Begun {
  /** What is there already, when the client wants to be told. */
  readonly initial: readonly KubeObject[] | undefined;
  /** Changes after this offset follow. */
  readonly after: Offset;
}

/** Where a watch begins (API concepts, "Semantics for watch"). What is there is taken down at once: the state moves on. */
async function beginningOf(call: ReadCall, { offset, sendInitialEvents }: ListOptions, selection: Selection): Promise<Begun> {
  if (sendInitialEvents ?? !offset) {
    const state = await stateFor(call, { atLeast: offset });
    if (call.target.versions) await converted(call, candidatesOf(state, selection));
    return { initial: selected(state, selection), after: state.offset };
  }
  // An offset that a client names is one of the log as it is now.
  if (call.replica.isDoubtful) await call.replica.catchUp();
  return { initial: undefined, after: offset || (await stateFor(call, { atLeast: offset })).offset };
}

/** How much is encoded at once, in bytes: a client that takes it slowly holds up no more than that, or one event if that is larger. */
const PIECE = SLICE;

/**
 * What comes after an offset, as soon as there is something; nothing but how far nothing came once `signal` aborts. Of the changes only their events are kept
 * while a client takes its time.
 */
async function pieceAfter(after: Offset, { call, selection, scope, encoder, restores }: Selecting, signal: AbortSignal): Promise<Piece> {
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
