import type { KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { admitUnstored } from '../subresources/admit-unstored.ts';
import { inNamespace } from '../verbs/create.ts';

/**
 * A review that a client creates, as admission leaves it, and the newest state, by which it is answered. `checked` says what the kind demands of it, behind mutating admission and before
 * validating admission. Throws 400, 403, 422.
 */
export async function admittedReview<T extends KubeObject>(
  call: WriteCall,
  checked?: (review: T) => T,
): Promise<{ readonly review: T; readonly state: State }> {
  const options = readWriteOptions(call.query, 'CreateOptions');
  const object = inNamespace(call, withoutSystemFields(objectFromBody<T>(call, bodyType(call.target), options)));
  const state = await newestState(call);
  const { dryRun } = options;
  const review = await admitUnstored<T>(call, { operation: 'CREATE', object, dryRun, ...(checked && { prepare: checked }) }, state);
  return { review, state };
}
