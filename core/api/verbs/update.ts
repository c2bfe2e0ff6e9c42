import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import type { Write } from '../write.ts';
import { inNamespace } from './create.ts';

/**
 * An object, or its status or another subresource that speaks of the whole object, as it should be (PUT).
 * Throws 400, 404 (nothing is created by an update), 409 (it has changed since the resourceVersion in the body), 422.
 */
export function update(call: WriteCall): Write {
  const { target, query, info } = call;
  const options = readWriteOptions(query, 'UpdateOptions');
  const object = target.toStorage(objectFromBody(call, bodyType(target), options));
  checkName(call, object);
  const mutation: Mutation = { type: 'update', resource: target.storage.groupResource, object: inNamespace(call, object), ...subresourceOf(info.subresource) };
  return { dryRun: options.dryRun, plan: () => [mutation], answer: ([written]) => answerObject(call, written!.object) };
}

export const subresourceOf = (subresource: string | undefined) =>
  subresource === undefined ? {} : { subresource: subresource as NonNullable<UpdateMutation['subresource']> };

/** The name and namespace in a body must be those of the URL (handlers/rest.go, checkName). Throws 400. */
export function checkName({ info }: Pick<ReadCall, 'info'>, object: KubeObject): void {
  const { name, namespace } = object.metadata ?? {};
  if (!name) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  if (name !== info.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
  if (info.namespace && namespace && namespace !== info.namespace) {
    throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${info.namespace})`);
  }
}
