import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import { refused } from '../../auth/authorizer.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import type { Write } from '../write.ts';
import { inNamespace } from './create.ts';

/**
 * An object, or its status or another subresource that speaks of the whole object, as it should be (PUT).
 * Answers 201 where its kind is created by that too. Throws 400, 404, 409 (it has changed since the resourceVersion in the body), 422.
 */
export function update(call: WriteCall): Write {
  const { target, query, info } = call;
  const options = readWriteOptions(query, 'UpdateOptions');
  const object = inNamespace(call, target.toStorage(objectFromBody(call, bodyType(target), options)));
  checkName(call, object);
  const mutation: UpdateMutation = {
    type: 'update',
    resource: target.resource.groupResource,
    object,
    replace: true,
    manager: fieldManagerOf(call),
    ...subresourceOf(info.subresource),
  };
  const plan = (state: State): Mutation[] => {
    const { groupResource, strategy } = target.storage;
    if (strategy.createOnUpdate && !state.get(groupResource, object.metadata.namespace, object.metadata.name)) authorizeCreation(call, state);
    return [mutation];
  };
  return { dryRun: options.dryRun, plan, answer: ([written]) => answerObject(call, written!.object, written!.created ? 201 : 200) };
}

/** A user who may change what is there may not therefore make what is not (handlers/update.go, withAuthorization). Throws 403. */
export function authorizeCreation(call: WriteCall, state: State): void {
  const attributes = { ...call.attributes, verb: 'create' };
  const { allowed, reason } = clusterAuthorizer.authorize(attributes, state);
  if (!allowed) throw refused(attributes, reason);
}

export const subresourceOf = (subresource: string | undefined) =>
  subresource === undefined ? {} : { subresource: subresource as NonNullable<UpdateMutation['subresource']> };

/** The name in a body must be that of the URL (handlers/rest.go, checkName). Throws 400. */
export function checkName({ info }: Pick<ReadCall, 'info'>, object: KubeObject): void {
  const { name } = object.metadata ?? {};
  if (!name) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  if (name !== info.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
}
