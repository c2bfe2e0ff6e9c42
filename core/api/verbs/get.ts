import { notFound } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import type { Call } from '../call.ts';
import { readOffset } from '../query/list-options.ts';
import { stateFor } from '../request/reading.ts';

/** One object, by its name. Its subresources that speak of the whole object (status, finalize, …) read the same. Throws 404. */
export async function get(call: Call): Promise<Response> {
  const { target, asked, query } = call;
  const state = await stateFor(call, { atLeast: readOffset(query.get('resourceVersion')) });
  const object = state.get(target.storage.groupResource, asked.namespace, asked.name!);
  if (!object) throw notFound(target.resource, asked.name!);
  return answerObject(call, object);
}
