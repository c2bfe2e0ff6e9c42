import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { Call } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/target.ts';
import { inNamespace } from './create.ts';

/**
 * An object, or its status or another subresource that speaks of the whole object, as it should be (PUT).
 * Answers 201 where its kind is created by that too. Throws 400, 404, 409 (it has changed since the resourceVersion in the body), 422.
 */
export function update(call: Call): undefined {
  const { target, query, asked } = call;
  const options = readWriteOptions(query, 'UpdateOptions');
  const object = target.toKept(objectFromBody(call, bodyType(target), options));
  checkName(call, object);
  const mutation: Mutation = { type: 'update', resource: target.kept.groupResource, object: inNamespace(call, object), replace: true, ...subresourceOf(asked.subresource) };
  call.write = { dryRun: options.dryRun, plan: () => [mutation], answer: ([written]) => answerObject(call, written!.object, written!.created ? 201 : 200) };
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
