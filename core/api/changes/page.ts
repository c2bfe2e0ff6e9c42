import type { ChangeObject } from '../../apis/logplane/change.ts';
import { matchesLabels } from '../../kube/selectors.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import { heldBy } from '../../state/held-by.ts';
import type { ReadCall } from '../call.ts';
import type { ListOptions } from '../query/list-options.ts';
import { headsIn, type Stretch } from './heads.ts';
import type { ChangeReader } from './reader.ts';
import { type ChangeSelection, isEveryChange, matchesHead, type Range } from './selection.ts';
import { shownChange } from './shown-change.ts';

/** What of a list of changes is answered at once. */
export interface ChangePage {
  readonly items: readonly ChangeObject[];
  /** What is left to be looked through; undefined: nothing. */
  readonly rest: Pick<Range, 'from' | 'to'> | undefined;
}

export interface Paging {
  readonly call: Pick<ReadCall, 'replica' | 'api'>;
  readonly selection: ChangeSelection;
  readonly labels: ListOptions['labels'];
  readonly reader: ChangeReader;
  readonly limit: number;
}

/**
 * The next changes of a range, in the order that was asked for. However few are selected, and however long the log is, a page is a bounded piece of work: one that has looked
 * through enough of it ends there, short or empty, and the next goes on.
 */
export async function pageOfChanges({ from, to }: Pick<Range, 'from' | 'to'>, paging: Paging): Promise<ChangePage> {
  const { selection, limit } = paging;
  const isNewestFirst = selection.order === 'newest';
  const items: ChangeObject[] = [];
  let [first, last] = [from, to];
  let bytes = 0;
  let looked = 0;
  for (
    let size = firstStretch(paging);
    first <= last && items.length < limit && looked < MOST_LOOKED_THROUGH && bytes < MOST_BYTES;
    size = Math.min(size * 4, STRETCH)
  ) {
    const stretch: Stretch = isNewestFirst
      ? { after: Math.max(first - 1, last - size), upTo: last }
      : { after: first - 1, upTo: Math.min(last, first - 1 + size) };
    const { offsets, reached } = await selectedIn(stretch, paging, MOST_FOLDED);
    looked += stretch.upTo - stretch.after;
    let end = reached;
    batches: for (let i = 0; i < offsets.length; i += BATCH) {
      for (const { change, shown } of await shownAt(offsets.slice(i, i + BATCH), paging)) {
        if (!matchesLabels(paging.labels, shown.metadata.labels)) continue;
        items.push(shown);
        bytes += BYTES_OF_HEAD + heldBy(change);
        if (items.length < limit && bytes < MOST_BYTES) continue;
        end = change.offset;
        break batches;
      }
    }
    if (isNewestFirst) last = end - 1;
    else first = end + 1;
  }
  return { items, rest: first <= last ? { from: first, to: last } : undefined };
}

/** Of what is selected, the part that comes first in the order that was asked for, `most` at most, in that order; and the offset up to which that is all. */
async function selectedIn(
  stretch: Stretch,
  { call, selection, limit, labels }: Paging,
  most: number,
): Promise<{ offsets: readonly Offset[]; reached: Offset }> {
  const isNewestFirst = selection.order === 'newest';
  const enough = Math.min(most, labels.length > 0 ? most : limit);
  const all = await offsetsIn(stretch, call, selection, { enough, isNewestFirst });
  const offsets = isNewestFirst ? all.slice(-enough).reverse() : all;
  if (offsets.length === enough) return { offsets, reached: offsets.at(-1)! };
  return { offsets, reached: isNewestFirst ? stretch.after + 1 : stretch.upTo };
}

/** Oldest first; the last `enough` of them at least, or the first. */
async function offsetsIn(
  stretch: Stretch,
  call: Paging['call'],
  selection: ChangeSelection,
  { enough, isNewestFirst }: { readonly enough: number; readonly isNewestFirst: boolean },
): Promise<Offset[]> {
  if (isEveryChange(selection)) {
    const [begin, end] = isNewestFirst
      ? [Math.max(stretch.after, stretch.upTo - enough), stretch.upTo]
      : [stretch.after, Math.min(stretch.upTo, stretch.after + enough)];
    return Array.from({ length: end - begin }, (_, i) => begin + 1 + i);
  }
  let offsets: Offset[] = [];
  for await (const head of headsIn(stretch, call)) {
    if (!matchesHead(head, selection)) continue;
    offsets.push(head.offset);
    if (!isNewestFirst && offsets.length === enough) break;
    if (offsets.length > 2 * enough) offsets = offsets.slice(-enough);
  }
  return offsets;
}

/** The past is folded forward: what is wanted backward is gone through forward all the same. */
async function shownAt(offsets: readonly Offset[], { call: { replica }, reader }: Paging) {
  const byOffset = new Map<Offset, { readonly change: Change; readonly shown: ChangeObject }>();
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    const change = await replica.changeAt(offset);
    byOffset.set(offset, { change, shown: shownChange(change, reader) });
  }
  return offsets.map((offset) => byOffset.get(offset)!);
}

/** Where everything is selected, as much as is wanted is as much as is looked through. */
const firstStretch = ({ selection, labels, limit }: Paging): number =>
  isEveryChange(selection) && labels.length === 0 ? Math.min(limit, STRETCH) : FIRST_STRETCH;

/** How much of the log is looked through at once: some at first, as what is asked for is mostly near, and then more. */
const FIRST_STRETCH = 1_000;
const STRETCH = 20_000;
const MOST_LOOKED_THROUGH = 40_000;
/** Of how many changes the objects are looked at, of one stretch, and at once. */
const MOST_FOLDED = 1_000;
const BATCH = 100;
/** About how much a page holds. */
const MOST_BYTES = 4 * 1024 * 1024;
const BYTES_OF_HEAD = 500;
