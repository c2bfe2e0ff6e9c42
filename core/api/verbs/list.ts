import { between, type RealInstant } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerList, type ListMeta } from '../answers/list-answer.ts';
import type { ReadCall } from '../call.ts';
import { type ContinueToken, expiredToken, readContinueToken, writeContinueToken } from '../query/continue-token.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { pathOf } from '../query/path-of.ts';
import { candidatesOf, isEverything, type Selection, selected, selectionOf } from '../query/selection.ts';
import { hasFigures, withFigures } from '../request/cluster-figures.ts';
import { converted } from '../request/converted.ts';
import { stateFor } from '../request/reading.ts';
import { shownInTime } from '../request/shown-in-time.ts';

/** The objects of a resource, whole or in pages (API concepts, "Efficient detection of changes" and "Retrieving large results sets in chunks"). */
export async function list(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: false });
  const { state, items, meta } = await pageOf(call, options);
  await converted(call, items);
  const { objects, period } = shownInTime(call, state, items);
  if (hasFigures(call)) return answerList(call, await withFigures(call, state, objects), meta, 'moment');
  return answerList(call, objects, meta, period);
}

interface Page {
  readonly state: State;
  readonly items: readonly KubeObject[];
  readonly meta: ListMeta;
}

async function pageOf(call: ReadCall, options: ListOptions): Promise<Page> {
  const selection = selectionOf(call, options);
  const now = call.api.env.clock.now();
  if (!options.continueToken) return page(call, await stateFor(call, wanted(options)), selection, { limit: options.limit, after: '', since: now });
  if (options.offset) throw badRequest('specifying resource version is not allowed when using continue');
  const token = readContinueToken(options.continueToken);
  const state = token.offset === -1 ? await stateFor(call, { atLeast: undefined }) : await stateOfToken(call, token, now);
  return page(call, state, selection, { limit: options.limit, after: token.after, since: token.since });
}

/** Which state a list is of (API concepts, "Semantics for get and list"): with a limit and no match, a resourceVersion means exactly that one. */
function wanted({ offset, match, limit }: ListOptions): { atLeast: Offset | undefined; exactly: boolean } {
  return { atLeast: offset, exactly: match === 'Exact' || (match === undefined && limit > 0 && offset !== undefined && offset > 0) };
}

/**
 * Kubernetes compacts the history away behind a list that takes its time, and clients are tested for what they do then. Here it could go on; a list at one
 * offset that may take any time is that of `NAME@OFFSET`. Throws 410.
 */
async function stateOfToken(call: ReadCall, token: ContinueToken, now: RealInstant): Promise<State> {
  const { end, state, api } = call;
  const { offset, since } = token;
  if (end !== undefined && offset > end) throw badRequest('invalid continue token: it is of another time than the cluster is shown at');
  const isOld = between(since, now) > api.limits.continueSeconds * 1000;
  if (end === undefined && offset !== state.offset && isOld) throw expiredToken(token, now);
  try {
    return await call.replica.at(offset);
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) throw expiredToken(token, now);
    throw error;
  }
}

async function page(
  call: ReadCall,
  state: State,
  selection: Selection,
  { limit, after, since }: { limit: number } & Pick<ContinueToken, 'after' | 'since'>,
): Promise<Page> {
  // What is selected by fields must be looked at in the version that names them.
  if (selection.fields.length > 0) await converted(call, candidatesOf(state, selection));
  const all = selected(state, selection);
  const start = after === '' ? 0 : firstAfter(all, after);
  const end = limit > 0 ? Math.min(all.length, start + limit) : all.length;
  const items = start === 0 && end === all.length ? all : all.slice(start, end);
  const meta: ListMeta = { resourceVersion: String(state.offset) };
  if (end < all.length) {
    meta.continue = writeContinueToken({ offset: state.offset, after: pathOf(items.at(-1)!), since });
    // How many are left is only said where nothing has to be counted for it.
    if (isEverything(selection)) meta.remainingItemCount = all.length - end;
  }
  return { state, items, meta };
}

/** The index of the first object behind a path. */
function firstAfter(objects: readonly KubeObject[], path: string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pathOf(objects[middle]!) <= path) low = middle + 1;
    else high = middle;
  }
  return low;
}
