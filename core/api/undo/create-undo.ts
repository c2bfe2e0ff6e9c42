import type { Undo, UndoSpec } from '../../apis/logplane/undo.ts';
import { refuse } from '../../decide/stages.ts';
import { expired, invalid, StatusError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import { inverse } from '../../undo/inverse.ts';
import { Matched, type Which } from '../../undo/matched.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { inNamespace } from '../verbs/create.ts';
import type { Write } from '../write.ts';
import { carryOut } from './carry-out.ts';
import { momentOf } from './moment.ts';

/**
 * Carries an Undo out (docs/undo.md): the changes are looked for before, and taken back from the newest state, in the commit. Answers 201. Throws what `carryOut` throws, 410 where the log does not
 * reach back so far, and 422.
 */
export async function createUndo(call: WriteCall): Promise<Write> {
  const { target, info } = call;
  const options = readWriteOptions(call.query, 'CreateOptions');
  const given = inNamespace(call, withoutSystemFields(objectFromBody<Undo>(call, bodyType(target), options)));
  refuse(target.resource, given, target.resource.strategy.validate?.(given) ?? []);
  const { spec, metadata } = given;
  const field = spec.offset !== undefined ? 'offset' : spec.request !== undefined ? 'request' : 'since';
  const moment = await momentOf(call, { name: metadata.name, field: `spec.${field}`, value: spec[field]! });
  const seen = await newestState(call);
  const refused = (detail: string) =>
    invalid({ group: target.resource.group, kind: target.resource.kind }, metadata.name, [invalidValue(`spec.${field}`, spec[field], detail)]);
  const matched = new Matched(whichOf(spec), info.namespace);
  const after = field === 'since' ? moment : moment - 1;
  for await (const change of changesBetween(call, after, seen.offset)) {
    matched.add(change);
    if (matched.count > MAX_CHANGES) throw refused(`matches more than ${MAX_CHANGES} changes`);
  }
  if (matched.count === 0 && field !== 'since')
    throw refused(`no change ${info.namespace === undefined ? 'that can be undone' : 'of this namespace'} stands there`);
  return carryOut(call, { given, force: spec.force ?? false, dryRun: options.dryRun, planOf: (now) => inverse(matched, { seen, now }) });
}

/** An undo of more is a Restore. */
const MAX_CHANGES = 10_000;

function whichOf({ offset, request, actor }: UndoSpec): Which {
  if (offset !== undefined) return { offset };
  return request !== undefined ? { request } : { actor: actor! };
}

/** Throws 410 when the log no longer reaches back so far. */
async function* changesBetween({ replica, request }: WriteCall, after: Offset, upTo: Offset): AsyncGenerator<Change> {
  try {
    for (let offset = after; offset < upTo; ) {
      const batch = await replica.changesAfter(offset, { signal: request.signal });
      for (const change of batch.changes) if (change.offset <= upTo) yield change;
      offset = batch.offset;
    }
  } catch (error) {
    throw error instanceof StatusError && error.code === 410 ? expired(`what was changed after ${after} is no longer kept`) : error;
  }
}
