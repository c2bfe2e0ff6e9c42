import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { Call } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/target.ts';
import { attributesOf, refused } from '../stages/authorize.ts';
import { inNamespace } from './create.ts';

/**
 * An object, or its status or another subresource that speaks of the whole object, as it should be (PUT).
 * Answers 201 where its kind is created by that too. Throws 400, 404, 409 (it has changed since the resourceVersion in the body), 422.
 */
export function update(call: Call): undefined {
  const { target, query, asked } = call;
  const options = readWriteOptions(query, 'UpdateOptions');
  const object = inNamespace(call, target.toKept(objectFromBody(call, bodyType(target), options)));
  checkName(call, object);
  const mutation: UpdateMutation = { type: 'update', resource: target.kept.groupResource, object, replace: true, ...subresourceOf(asked.subresource) };
  const plan = (state: State): Mutation[] => {
    const { groupResource, strategy } = target.kept;
    if (strategy.createOnUpdate && !state.get(groupResource, object.metadata.namespace, object.metadata.name)) authorizeCreation(call);
    return [mutation];
  };
  call.write = { dryRun: options.dryRun, plan, answer: ([written]) => answerObject(call, written!.object, written!.created ? 201 : 200) };
}

/** Whoever may change what is there may not therefore make what is not (handlers/update.go, withAuthorization). Throws 403. */
function authorizeCreation(call: Call): void {
  const attributes = { ...attributesOf(call), verb: 'create' };
  const { allowed, reason } = call.api.authorizer.authorize(attributes);
  if (!allowed) throw refused(attributes, reason);
}

export const subresourceOf = (subresource: string | undefined) =>
  subresource === undefined ? {} : { subresource: subresource as NonNullable<UpdateMutation['subresource']> };

/** The name and namespace in a body must be those of the URL (handlers/rest.go, checkName). Throws 400. */
export function checkName({ asked }: Pick<Call, 'asked'>, object: KubeObject): void {
  const { name, namespace } = object.metadata ?? {};
  if (!name) throw badRequest(`the name of the object (${asked.name} based on URL) was undeterminable: name must be provided`);
  if (name !== asked.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${asked.name})`);
  if (asked.namespace && namespace && namespace !== asked.namespace) {
    throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${asked.namespace})`);
  }
}
