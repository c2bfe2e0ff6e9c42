import { badRequest, invalid } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Eviction } from '../../schema/generated/kinds.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readDeleteOptions, readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { inNamespace } from '../verbs/create.ts';
import { deletionOf } from '../verbs/delete.ts';
import type { Write } from '../write.ts';
import { success } from './binding.ts';

const type: BodyType = { gvk: { group: 'policy', version: 'v1', kind: 'Eviction' }, type: schemaOf('io.k8s.api.policy.v1.Eviction')! };

/** Has a pod deleted if that disrupts no more than its budget allows (decide/evict.ts). Throws 400, 404, 422, 429, 500. */
export function evict(call: WriteCall): Write {
  const options = readWriteOptions(call.query, 'CreateOptions');
  const eviction = inNamespace(call, withoutSystemFields(objectFromBody<Eviction>(call, type, options)));
  const name = call.info.name!;
  if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  if (eviction.deleteOptions?.ignoreStoreReadErrorWithClusterBreakingPotential) throw invalid(type.gvk, name, [UNSAFE]);
  const deletion = readDeleteOptions((eviction.deleteOptions as Record<string, unknown> | undefined) ?? {}, new URLSearchParams());
  return {
    dryRun: options.dryRun || deletion.dryRun,
    plan: () => [{ ...deletionOf({ resource: 'pods', namespace: call.info.namespace, name }, deletion), eviction }],
    answer: () => answerWith(call, success(201), 201),
  };
}

const UNSAFE = invalidValue(
  'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential',
  true,
  'can not be set for pod eviction, try after removing the option',
);
