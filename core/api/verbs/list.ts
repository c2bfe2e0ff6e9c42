import type { KubeObject } from '../../kube/object.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerList, type ListMeta } from '../answers/list-answer.ts';
import type { ReadCall } from '../call.ts';
import { expiredToken, readContinueToken, writeContinueToken } from '../query/continue-token.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { candidatesOf, isEverything, pathOf, type Selection, selected, selectionOf } from '../query/selection.ts';
import { converted } from '../request/converted.ts';
import { stateFor } from '../request/reading.ts';

/** The objects of a resource, whole or in pages (API concepts, "Efficient detection of changes" and "Retrieving large results sets in chunks"). */
export async function list(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: false });
  const { items, meta } = await pageOf(call, options);
  await converted(call, items);
  return answerList(call, items, meta);
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly meta: ListMeta;
}

async function pageOf(call: ReadCall, options: ListOptions): Promise<Page> {
  const selection = selectionOf(call, options);
  if (!options.continueToken) return page(call, await stateFor(call, wanted(options)), selection, { limit: options.limit, after: '' });
  if (options.offset) throw badRequest('specifying resource version is not allowed when using continue');
  const token = readContinueToken(options.continueToken);
  const state = token.offset === -1 ? await stateFor(call, { atLeast: undefined }) : await stateOfToken(call, token.offset, () => expiredToken(token));
  return page(call, state, selection, { limit: options.limit, after: token.after });
}

/** Which state a list is of (API concepts, "Semantics for get and list"): with a limit and no match, a resourceVersion means exactly that one. */
function wanted({ offset, match, limit }: ListOptions): { atLeast: Offset | undefined; exactly: boolean } {
  return { atLeast: offset, exactly: match === 'Exact' || (match === undefined && limit > 0 && offset !== undefined && offset > 0) };
}

async function stateOfToken(call: ReadCall, offset: Offset, expired: () => StatusError): Promise<State> {
  const { end } = call;
  if (end !== undefined && offset > end) throw badRequest('invalid continue token: it is of another time than the cluster is shown at');
  try {
    return await call.replica.at(offset);
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) throw expired();
    throw error;
  }
}

async function page(call: ReadCall, state: State, selection: Selection, { limit, after }: { limit: number; after: string }): Promise<Page> {
  // What is selected by fields must be looked at in the version that names them.
  if (selection.fields.length > 0) await converted(call, candidatesOf(state, selection));
  const all = selected(state, selection);
  const start = after === '' ? 0 : firstAfter(all, after);
  const end = limit > 0 ? Math.min(all.length, start + limit) : all.length;
  const items = start === 0 && end === all.length ? all : all.slice(start, end);
  const meta: ListMeta = { resourceVersion: String(state.offset) };
  if (end < all.length) {
    meta.continue = writeContinueToken({ offset: state.offset, after: pathOf(items.at(-1)!) });
    // How many are left is only said where nothing has to be counted for it.
    if (isEverything(selection)) meta.remainingItemCount = all.length - end;
  }
  return { items, meta };
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
