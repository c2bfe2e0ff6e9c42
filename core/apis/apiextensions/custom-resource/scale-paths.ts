import { type Fields, fieldsOf, objectOf } from '../../../kube/fields.ts';
import { goText } from '../../../kube/go-text.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { FieldError } from '../../../kube/status.ts';
import { invalidValue } from '../../../kube/validation/field.ts';
import type { CustomResourceSubresourceScale } from '../../../schema/generated/kinds.ts';
import type { Strategy } from '../../strategy.ts';

/** The scale subresource of a custom resource reads and writes where its definition says (Kubernetes documentation, "Scale subresource"). */
export function scaleAt({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: CustomResourceSubresourceScale): NonNullable<Strategy<KubeObject>['scale']> {
  const [spec, status, selector] = [namesOf(specReplicasPath), namesOf(statusReplicasPath), labelSelectorPath ? namesOf(labelSelectorPath) : undefined];
  return {
    replicasPath: specReplicasPath,
    replicas: (object) => integerAt(object, spec),
    withReplicas: (object, replicas) => objectOf(withValue(fieldsOf(object), spec, replicas)),
    statusReplicas: (object) => integerAt(object, status) ?? 0,
    selector(object) {
      const value = selector && valueAt(object, selector);
      return typeof value === 'string' ? value : '';
    },
  };
}

/** What is wrong with the parts of an object that its scale is read from. */
export const scaleErrors = (object: KubeObject, { specReplicasPath, statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale): FieldError[] => [
  ...replicasErrors(object, namesOf(specReplicasPath), specReplicasPath),
  ...scaleStatusErrors(object, { statusReplicasPath, ...(labelSelectorPath !== undefined && { labelSelectorPath }) }),
];

export function scaleStatusErrors(object: KubeObject, scale: Pick<CustomResourceSubresourceScale, 'statusReplicasPath' | 'labelSelectorPath'>): FieldError[] {
  const { statusReplicasPath, labelSelectorPath } = scale;
  const selector = labelSelectorPath ? valueAt(object, namesOf(labelSelectorPath)) : undefined;
  return [
    ...replicasErrors(object, namesOf(statusReplicasPath), statusReplicasPath),
    ...(selector === undefined || typeof selector === 'string' ? [] : [invalidValue(labelSelectorPath!, '', accessor(labelSelectorPath!, selector, 'string'))]),
  ];
}

function replicasErrors(object: KubeObject, names: readonly string[], path: string): FieldError[] {
  const value = valueAt(object, names);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) return [invalidValue(path, 0, accessor(path, value, 'int64'))];
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')];
  return value > 2 ** 31 - 1 ? [invalidValue(path, value, `should be less than or equal to ${2 ** 31 - 1}`)] : [];
}

/** As apimachinery's unstructured helpers tell of a value of another type. */
function accessor(path: string, value: unknown, wanted: string): string {
  const type = Array.isArray(value)
    ? '[]interface {}'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int64'
        : 'float64'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return `${path} accessor error: ${goText(value)} is of the type ${type === 'object' ? 'map[string]interface {}' : type}, expected ${wanted}`;
}

const namesOf = (path: string): string[] => path.replace(/^\./, '').split('.');

function valueAt(object: KubeObject, names: readonly string[]): unknown {
  let value: unknown = fieldsOf(object);
  for (const name of names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

function integerAt(object: KubeObject, names: readonly string[]): number | undefined {
  const value = valueAt(object, names);
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function withValue(fields: Fields, [name, ...rest]: readonly string[], value: unknown): Fields {
  const inner = fields[name!];
  const below = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Fields) : {};
  return { ...fields, [name!]: rest.length === 0 ? value : withValue(below, rest, value) };
}
