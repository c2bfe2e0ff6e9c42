import { schemaOf } from '../../schema/built-in-types.ts';
import type { Binding } from '../../schema/generated/kinds.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { inNamespace } from '../verbs/create.ts';
import type { Write } from '../write.ts';

const type: BodyType = { gvk: { group: '', version: 'v1', kind: 'Binding' }, type: schemaOf('io.k8s.api.core.v1.Binding')! };

/**
 * Puts a pod on a node: what a scheduler that is a client does. Both `pods/NAME/binding` and a Binding posted to `bindings` (registry/core/pod/storage, BindingREST).
 * Throws 400, 404, 409 (it has a node already, or is going), 500 (what is no Binding).
 */
export function bind(call: WriteCall): Write {
  const { info, query } = call;
  const options = readWriteOptions(query, 'CreateOptions');
  const sent = inNamespace(call, objectFromBody<Binding>(call, type, options));
  // Only the subresource takes the uid that comes for a precondition (rest.SubresourceObjectMetaPreserver).
  const binding = info.subresource === undefined ? withoutSystemFields(sent) : sent;
  const resource = info.subresource === undefined ? 'bindings' : 'pods';
  return {
    dryRun: options.dryRun,
    plan: () => [{ type: 'bind', resource, namespace: info.namespace!, name: info.name ?? binding.metadata.name, node: binding.target.name ?? '', binding }],
    answer: () => answerWith(call, success(201), 201),
  };
}

export const success = (code: number) => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });
