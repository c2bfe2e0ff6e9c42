import { matchesLabels } from '../../kube/selectors.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import type { ReadCall, WatchCall } from '../call.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { stateFor } from '../request/reading.ts';
import { concat, type WatchEncoder, watchEncoder } from '../watch/watch-encoder.ts';
import { SLICE } from '../watch/watch-stream.ts';
import { answerWatch, lastingPartOf, type Piece } from '../watch/watching.ts';
import { pageOfChanges } from './page.ts';
import { ChangeReader } from './reader.ts';
import { type ChangeSelection, changeSelectionOf, matchesHead, type Range, rangeOf } from './selection.ts';
import { shownChange } from './shown-change.ts';
import { asShown } from './target.ts';

/**
 * Changes as they happen, each an ADDED event: from now on, after a resourceVersion, or from where the selector says. A client that wants what is there first (API concepts, "Streaming
 * lists") is told the newest 500 that are selected.
 */
export async function watchChanges(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: true });
  const selection = changeSelectionOf(call, options);
  const { user, replica } = call;
  const reader = new ChangeReader({ user, replica });
  const begin = await beginningOf(call, options);
  const selecting = { selection, labels: options.labels, reader, begin };
  const initial = options.sendInitialEvents ? await newest(call, selecting) : [];
  return streaming(lastingPartOf(call), { ...selecting, options, initial });
}

const AT_FIRST = 500;

interface Begun {
  /** Changes after this offset follow, */
  readonly after: Offset;
  /** up to this one, where one is named: there the watch ends, as one of a cluster that is shown at another time. */
  readonly end: Offset | undefined;
  /** What is there when the watch begins. */
  readonly there: Range;
}

interface Selecting {
  readonly selection: ChangeSelection;
  readonly labels: ListOptions['labels'];
  readonly reader: ChangeReader;
  readonly begin: Begun;
}

async function beginningOf(call: ReadCall, options: ListOptions): Promise<Begun> {
  const { offset, sendInitialEvents } = options;
  if (call.replica.isDoubtful) await call.replica.catchUp();
  const { offset: end } = await stateFor(call, { atLeast: sendInitialEvents || !offset ? offset : undefined });
  const there = await rangeOf(call, options, end);
  const last = there.isEnded ? there.to : call.end;
  if (sendInitialEvents) return { after: end, end: last, there };
  return { after: offset || (there.isBegun ? there.from - 1 : end), end: last, there };
}

/** Oldest first, as what follows. */
async function newest(call: ReadCall, { begin: { there }, ...of }: Selecting) {
  const begin = await call.replica.entries.begin();
  const items = [];
  for (let left: Pick<Range, 'from' | 'to'> | undefined = { from: Math.max(there.from, begin + 1), to: there.to }; left && items.length < AT_FIRST; ) {
    const page = await pageOfChanges(left, { call, ...of, selection: { ...of.selection, order: 'newest' }, limit: AT_FIRST - items.length });
    items.push(...page.items);
    left = page.rest;
  }
  return items.reverse();
}

type Streamed = Selecting & { readonly options: ListOptions; readonly initial: Awaited<ReturnType<typeof newest>> };

/** Apart from the call, whose state must not be kept for as long as the watch lasts. */
function streaming(given: WatchCall, { options, initial, ...selecting }: Streamed): Response {
  const call = { ...given, target: asShown(given.target), end: selecting.begin.end };
  const { restores } = call.replica;
  const encoder = watchEncoder(call, { restores });
  const frames = function* () {
    for (const object of initial) yield encoder.own({ type: 'ADDED', object });
  };
  return answerWatch({
    call,
    options,
    encoder,
    begin: { initial: options.sendInitialEvents ? frames() : undefined, after: selecting.begin.after },
    pieceAfter: (after, signal) => pieceAfter(after, { call, encoder, restores, ...selecting }, signal),
  });
}

async function pieceAfter(
  after: Offset,
  { call, encoder, restores, ...of }: Selecting & { readonly call: WatchCall; readonly encoder: WatchEncoder; readonly restores: number },
  signal: AbortSignal,
): Promise<Piece> {
  const { replica, end = Number.POSITIVE_INFINITY } = call;
  const { changes, offset } = await replica.changesAfter(after, { signal: end === Number.POSITIVE_INFINITY ? signal : NOT_AT_ALL, restores });
  const frames: Uint8Array[] = [];
  let size = 0;
  for (const change of changes) {
    const shown = change.offset <= end ? told(change, of) : undefined;
    if (!shown) continue;
    const frame = encoder.own({ type: 'ADDED', object: shown });
    frames.push(frame);
    size += frame.length;
    if (size >= SLICE) return { offset: change.offset, bytes: concat(frames) };
  }
  return { offset: Math.min(offset, end), bytes: frames.length > 0 ? concat(frames) : undefined };
}

function told(change: Change, { selection, labels, reader }: Selecting) {
  if (!matchesHead(change, selection)) return undefined;
  const shown = shownChange(change, reader);
  return matchesLabels(labels, shown.metadata.labels) ? shown : undefined;
}

const NOT_AT_ALL = AbortSignal.abort();
