import { offsetOfMoment } from '../../apis/logplane/moment.ts';
import { readWhen } from '../../apis/logplane/when.ts';
import { expired, invalid, StatusError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import { newestState } from '../request/reading.ts';

/**
 * The offset that a field of an object names: an offset, a time, or a Bookmark. Throws 410 for a time that is no longer kept, 422 for one in the future or from before the cluster began, for a Bookmark that is not there, and for what is
 * none of these.
 */
export async function momentOf(call: WriteCall, { name, field, value }: { name: string; field: string; value: number | string }): Promise<Offset> {
  const { target, replica } = call;
  const refused = (detail: string) => invalid({ group: target.resource.group, kind: target.resource.kind }, name, [invalidValue(field, value, detail)]);
  const state = await newestState(call);
  const when = readWhen(String(value));
  const offset = when && (await asPast(value, offsetOfMoment(when, { replica, state })));
  if (typeof offset === 'number') return offset;
  throw refused(offset?.absent === 'in the past' ? offset.why : 'must be a resourceVersion, an RFC 3339 time, or the name of a Bookmark that is there');
}

/** The state at an offset. Throws 410 when that is no longer kept. */
export const pastAt = (call: WriteCall, offset: Offset): Promise<State> => asPast(offset, call.replica.at(offset));

/** 410 in words that are not about lists and watches. */
async function asPast<T>(moment: Offset | string, found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    throw error instanceof StatusError && error.code === 410 ? expired(`what was at ${moment} is no longer kept`) : error;
  }
}
