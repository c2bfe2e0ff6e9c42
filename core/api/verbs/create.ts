import type { Mutation } from '../../apis/mutation.ts';
import type { KubeObject } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import type { Write } from '../write.ts';

/** A new object, in a collection (POST). Answers 201. Throws 400, 409 (the name is taken), 422. */
export function create(call: WriteCall): Write {
  const { target, query } = call;
  const options = readWriteOptions(query, 'CreateOptions');
  const object = inNamespace(call, withoutSystemFields(target.toStorage(objectFromBody(call, bodyType(target), options))));
  const resource = target.resource.groupResource;
  const manager = fieldManagerOf(call);
  return {
    dryRun: options.dryRun,
    plan: (): Mutation[] => [{ type: 'create', resource, object, manager }],
    answer: ([written]) => answerObject(call, written!.object, 201),
  };
}

/**
 * The object in the namespace of the URL, which it need not name, or in none when its kind is not namespaced.
 * Throws 400 when it names another one (rest.EnsureObjectNamespaceMatchesRequestNamespace).
 */
export function inNamespace<T extends KubeObject>({ target, info }: Pick<ReadCall, 'target' | 'info'>, object: T): T {
  const metadata = object.metadata ?? {};
  const { namespace, ...others } = metadata;
  if (!target.resource.namespaced) return namespace === undefined ? object : { ...object, metadata: others };
  if (namespace && namespace !== info.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return namespace ? object : { ...object, metadata: { ...metadata, namespace: info.namespace! } };
}
