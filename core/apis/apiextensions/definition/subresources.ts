import type { FieldError } from '../../../kube/status.ts';
import { invalidValue, required } from '../../../kube/validation/field.ts';
import type { CustomResourceSubresources } from '../../../schema/generated/kinds.ts';
import { simpleJsonPathErrors } from './json-path-errors.ts';

/** What the scale subresource may name. */
export function subresourceErrors(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...(specReplicasPath ? [] : [required(`${path}.scale.specReplicasPath`)]),
    ...below(specReplicasPath, ['.spec.'], 'should be a json path under .spec', `${path}.scale.specReplicasPath`),
    ...(statusReplicasPath ? [] : [required(`${path}.scale.statusReplicasPath`)]),
    ...below(statusReplicasPath, ['.status.'], 'should be a json path under .status', `${path}.scale.statusReplicasPath`),
    ...below(labelSelectorPath, ['.spec.', '.status.'], 'should be a json path under either .spec or .status', `${path}.scale.labelSelectorPath`),
  ];
}

function below(value: string | undefined, prefixes: readonly string[], detail: string, path: string): FieldError[] {
  if (!value) return [];
  const errors = simpleJsonPathErrors(value, path);
  return errors.length > 0 || prefixes.some((prefix) => value.startsWith(prefix)) ? errors : [invalidValue(path, value, detail)];
}
