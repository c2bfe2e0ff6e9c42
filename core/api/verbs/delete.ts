import type { DeleteMutation } from '../../apis/mutation.ts';
import { forbidden } from '../../kube/status.ts';
import { answerObject, answerWith } from '../answers/answers.ts';
import type { ReadCall, WriteCall } from '../call.ts';
import { decodeBody } from '../codec/body.ts';
import { type DeleteOptions, readDeleteOptions } from '../query/write-options.ts';
import type { Write, Written } from '../write.ts';

/**
 * Removes an object, or begins to (DELETE). Answers a Status when it is gone, or the object while it goes or where its kind is answered as it last was.
 * Throws 400, 403, 404, 409 (a precondition does not hold), 422.
 */
export function deleteOne(call: WriteCall): Write {
  const options = deleteOptionsOf(call);
  const { target, info } = call;
  const why = target.storage.strategy.refuseDeletion?.(info.name!);
  if (why) throw forbidden(target.resource, info.name!, why);
  const mutation = deletionOf({ resource: target.resource.groupResource, namespace: info.namespace, name: info.name! }, options);
  return { dryRun: options.dryRun, plan: () => [mutation], answer: ([written]) => answerDeletion(call, written!, options) };
}

/** The options of a deletion, from its body or its query. Who leaves dependents behind without having said so is warned, whatever comes of it. */
export function deleteOptionsOf({ body, request, query, target, warnings, audit }: WriteCall): DeleteOptions {
  const given = body.length > 0 ? decodeBody({ contentType: request.headers.get('content-type'), bytes: body }) : undefined;
  if (given) audit?.requestedWith(given);
  const options = readDeleteOptions(given, query);
  const { orphanWarning } = target.storage.strategy;
  if (orphanWarning && options.propagationPolicy === undefined) warnings.push(orphanWarning);
  return options;
}

export function deletionOf(
  { resource, namespace, name }: { resource: string; namespace: string | undefined; name: string },
  { gracePeriodSeconds, propagationPolicy, preconditions }: DeleteOptions,
): DeleteMutation {
  return {
    type: 'delete',
    resource,
    ...(namespace !== undefined && { namespace }),
    name,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(preconditions && { preconditions }),
  };
}

function answerDeletion(call: ReadCall, { object, deleted }: Written, { orphanDependents }: DeleteOptions): Response {
  const { target } = call;
  // Deletion that goes on in the background was 202 for clients that asked for it in the old way.
  if (!deleted) return answerObject(call, object, orphanDependents === false ? 202 : 200);
  if (answeredAsObject.has(target.resource.groupResource)) return answerObject(call, object);
  const { name, uid } = object.metadata;
  const details = { name, ...(target.resource.group && { group: target.resource.group }), kind: target.resource.resource, uid };
  return answerWith(call, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

/** The resources whose deletion is answered with the object (`ReturnDeletedObject` in their registry's storage.go, and their OpenAPI). */
const answeredAsObject: ReadonlySet<string> = new Set([
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'deviceclasses.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
]);
