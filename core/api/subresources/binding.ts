import { strategy } from '../../apis/core/binding.ts';
import { checkResourceVersion } from '../../decide/preconditions.ts';
import { aggregate, badRequest, plainError } from '../../kube/status.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Binding } from '../../schema/generated/kinds.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { inNamespace } from '../verbs/create.ts';
import type { Write } from '../write.ts';

const type: BodyType = { gvk: { group: '', version: 'v1', kind: 'Binding' }, type: schemaOf('io.k8s.api.core.v1.Binding')! };

/**
 * Puts a pod on a node: what a scheduler that is a client does. Both `pods/NAME/binding` and a Binding posted to `bindings` (registry/core/pod/storage, BindingREST).
 * Throws 400, 404, 409 (it has a node already, or is going), 500 (what is no Binding).
 */
export function bind(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'CreateOptions');
  const binding = inNamespace(call, objectFromBody<Binding>(call, type, options));
  const name = call.info.name ?? binding.metadata.name;
  if (binding.metadata.name !== name) throw badRequest(`name in URL does not match name in Binding object`);
  const errors = strategy.validate!(binding);
  if (errors.length > 0) throw plainError(aggregate(errors));
  const { uid, resourceVersion, namespace, labels, annotations } = binding.metadata;
  const { name: node, kind = '' } = binding.target;
  return {
    dryRun: options.dryRun,
    plan: (state) => {
      const pod = state.get('pods', namespace, name);
      if (pod) {
        const stored = {
          resource: { storedAs: 'pods', resource: 'pods' },
          namespace,
          name,
          uid: pod.metadata.uid,
          resourceVersion: pod.metadata.resourceVersion!,
        };
        checkResourceVersion(resourceVersion, { of: { group: '', resource: 'pods/binding' }, stored });
      }
      return [
        {
          type: 'bind',
          resource: 'pods',
          namespace: namespace!,
          name,
          node: node!,
          kind,
          ...(uid && { uid }),
          ...(labels && { labels }),
          ...(annotations && { annotations }),
        },
      ];
    },
    answer: () => answerWith(call, success(201), 201),
  };
}

export const success = (code: number) => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });
