import { notFound } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import type { ReadCall } from '../call.ts';
import { readOffset } from '../query/list-options.ts';
import { hasFigures, withFigures } from '../request/cluster-figures.ts';
import { converted } from '../request/converted.ts';
import { stateFor } from '../request/reading.ts';
import { shownInTime } from '../request/shown-in-time.ts';

/** One object, by its name. Its subresources that speak of the whole object (status, finalize, …) read the same. Throws 404. */
export async function get(call: ReadCall): Promise<Response> {
  const { target, info, query } = call;
  const state = await stateFor(call, { atLeast: readOffset(query.get('resourceVersion')) });
  const object = state.get(target.storage.groupResource, info.namespace, info.name!);
  if (!object) throw notFound(target.resource, info.name!);
  await converted(call, [object]);
  const { objects } = shownInTime(call, state, [object]);
  const [shown] = hasFigures(call) ? await withFigures(call, state, objects) : objects;
  return answerObject(call, shown!);
}
