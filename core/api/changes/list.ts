import type { ChangeObject } from '../../apis/logplane/change.ts';
import { badRequest } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { answerWith } from '../answers/answers.ts';
import { answerList, type ListMeta } from '../answers/list-answer.ts';
import type { ReadCall } from '../call.ts';
import { type ContinueToken, readContinueToken, writeContinueToken } from '../query/continue-token.ts';
import { type ListOptions, readListOptions } from '../query/list-options.ts';
import { stateFor } from '../request/reading.ts';
import { pageOfChanges } from './page.ts';
import { ChangeReader } from './reader.ts';
import { changeSelectionOf, type Range, rangeOf } from './selection.ts';
import { asShown } from './target.ts';

/**
 * Changes, the newest first unless the selector says `order=oldest`. What is printed for people ends after the newest 500 that are selected, unless they say where it is to begin (`from=1`):
 * kubectl asks for page after page, to the beginning of the log. What programs ask for is told to the end, in pages, also when they name no limit.
 */
export async function listChanges(call: ReadCall): Promise<Response> {
  const options = readListOptions(call.query, { resource: call.target.selectable, watch: false });
  const reader = new ChangeReader(call);
  const selection = changeSelectionOf(call, options);
  const { version, left, told, isBegun, since } = options.continueToken ? continued(options) : await begun(call, options);
  const most = call.format.as === 'Table' && !isBegun && selection.order === 'newest' ? Math.max(0, PRINTED - told) : Number.POSITIVE_INFINITY;
  const limit = Math.min(options.limit > 0 ? options.limit : PAGE, PAGE, most);
  const { items, rest } = await pageOfChanges(left, { call, selection, labels: options.labels, reader, limit });
  const meta: ListMeta = { resourceVersion: String(version) };
  const all = told + items.length;
  if (rest && items.length < most) meta.continue = writeToken({ version, left: rest, told: all, isBegun, since });
  else if (rest) call.warnings.push(`these are the newest ${all} changes; --field-selector from=1 shows all of them, order=oldest the first`);
  return answerChanges(call, items, meta);
}

const PRINTED = 500;
const PAGE = 1_000;

/** A list of changes in the form that was agreed on. It is made for its reader, and shared with no other. */
export function answerChanges(given: ReadCall, items: readonly ChangeObject[], meta: ListMeta): Response {
  const call = { ...given, target: asShown(given.target) };
  if (call.format.as !== undefined) return answerList(call, items, meta);
  return answerWith(call, { kind: 'ChangeList', apiVersion: call.target.apiVersion, metadata: { continue: '', ...meta }, items });
}

/** A list that is under way: its resourceVersion, what of it is left, and how much has been told. */
interface Progress {
  readonly version: Offset;
  readonly left: Pick<Range, 'from' | 'to'>;
  readonly told: number;
  readonly isBegun: boolean;
  readonly since: ContinueToken['since'];
}

async function begun(call: ReadCall, options: ListOptions): Promise<Progress> {
  const { offset, match } = options;
  const { offset: version } = await stateFor(call, { atLeast: offset, exactly: match === 'Exact' });
  const { from, to, isBegun } = await rangeOf(call, options, version);
  const begin = await call.replica.entries.begin();
  return { version, left: { from: Math.max(from, begin + 1), to }, told: 0, isBegun, since: call.api.env.clock.now() };
}

/** Where a list goes on stands in the place in which other lists have the name of an object. */
const writeToken = ({ version, left: { from, to }, told, isBegun, since }: Progress): string =>
  writeContinueToken({ offset: version, after: [from, to, told, isBegun ? 1 : 0].join(' '), since });

function continued({ continueToken, offset }: ListOptions): Progress {
  if (offset) throw badRequest('specifying resource version is not allowed when using continue');
  const { offset: version, after, since } = readContinueToken(continueToken);
  const [from, to, told, isBegun] = after.split(' ').map(Number);
  const parts = [from, to, told, isBegun];
  if (!parts.every((part) => Number.isSafeInteger(part) && part! >= 0) || to! > version) throw badRequest('invalid continue token: continue key is not valid');
  return { version, left: { from: from!, to: to! }, told: told!, isBegun: isBegun === 1, since };
}
