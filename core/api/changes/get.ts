import { placementOf } from '../../apis/logplane/change.ts';
import { parseKey } from '../../kube/object.ts';
import { notFound } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import type { ReadCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';
import { causesOf } from './causes.ts';
import { eventAt } from './heads.ts';
import { ChangeReader } from './reader.ts';
import { shownChange } from './shown-change.ts';
import { asShown } from './target.ts';

/**
 * One change by its offset, with all that it answers to. Offsets are those of the cluster, and kubectl asks in a namespace, whichever is set: a change of another namespace, or of an object
 * that is in none, is given to those who may read it there. Throws 404, also where the log has forgotten it, and to those who may not.
 */
export async function getChange(call: ReadCall): Promise<Response> {
  const { info, target, replica } = call;
  const name = info.name!;
  const { offset: end } = await stateFor(call, { atLeast: undefined });
  const offset = /^[1-9]\d{0,15}$/.test(name) ? Number(name) : 0;
  const stored = offset > 0 && offset <= end ? await eventAt(offset, replica) : undefined;
  const reader = new ChangeReader(call);
  const namespace = stored && parseKey(stored.event.key).namespace;
  if (!stored || (namespace !== info.namespace && !reader.mayRead(namespace!))) throw notFound(target.resource, name);
  const { entry, event } = stored;
  const change = shownChange(await replica.changeAt(offset), reader);
  const causes = await causesOf(event.cause, call, reader);
  const shown = {
    ...change,
    entry,
    ...(causes.length > 0 && { causes }),
    ...(event.placement && reader.mayGet(event.key) && { placement: placementOf(event.placement) }),
  };
  return answerObject({ ...call, target: asShown(target) }, shown);
}
