import type { UpdateMutation } from '../../apis/mutation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
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
  return { dryRun: options.dryRun, plan: () => [mutation], answer: ([written]) => answerObject(call, written!.object, written!.created ? 201 : 200) };
}

export const subresourceOf = (subresource: string | undefined) =>
  subresource === undefined ? {} : { subresource: subresource as NonNullable<UpdateMutation['subresource']> };

/** The name in a body must be that of the URL (handlers/rest.go, checkName). Throws 400. */
export function checkName({ info }: Pick<ReadCall, 'info'>, object: KubeObject): void {
  const { name } = object.metadata ?? {};
  if (!name) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  if (name !== info.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
}
