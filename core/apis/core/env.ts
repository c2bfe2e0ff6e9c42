import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { configKey, envVarName, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../../schema/generated/kinds.ts';

/** Checks the environment of a container (ValidateEnv). */
export const validateEnv = (variables: readonly EnvVar[], path: string): FieldError[] =>
  variables.flatMap(({ name, value, valueFrom }, i) => [
    ...(name ? invalidValues(`${path}[${i}].name`, name, envVarName(name)) : [required(`${path}[${i}].name`)]),
    ...(valueFrom ? validateValueFrom(valueFrom, value, `${path}[${i}].valueFrom`) : []),
  ]);

/** Checks the sources from which a container takes whole maps of variables (ValidateEnvFrom). */
export const validateEnvFrom = (sources: readonly EnvFromSource[], path: string): FieldError[] =>
  sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const errors: FieldError[] = prefix ? invalidValues(`${path}[${i}].prefix`, prefix, envVarName(prefix)) : [];
    for (const [kind, ref] of Object.entries({ configMapRef, secretRef })) {
      if (!ref) continue;
      const at = `${path}[${i}].${kind}.name`;
      errors.push(...(ref.name ? invalidValues(at, ref.name, subdomain(ref.name)) : [required(at)]));
    }
    if (!configMapRef && !secretRef) errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (configMapRef && secretRef) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
    return errors;
  });

const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function validateValueFrom(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const errors: FieldError[] = [
    ...(fieldRef ? validateFieldRef(fieldRef, envFields, `${path}.fieldRef`) : []),
    ...(resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? validateKeyRef(secretKeyRef, `${path}.secretKeyRef`) : []),
  ];
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (!count) errors.push(invalidValue(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function validateKeyRef({ name = '', key }: { name?: string; key: string }, path: string): FieldError[] {
  return [...invalidValues(`${path}.name`, name, subdomain(name)), ...(key ? invalidValues(`${path}.key`, key, configKey(key)) : [required(`${path}.key`)])];
}

// What the downward API knows of a pod at all (pkg/apis/core/pods ConvertDownwardAPIFieldLabel).
const podFields = new Set([...envFields, 'metadata.annotations', 'metadata.labels', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.host']);

/** Checks a reference to a field of the pod (validateObjectFieldSelector); `fields` are those that may be named here. */
export function validateFieldRef({ apiVersion, fieldPath }: ObjectFieldSelector, fields: readonly string[], path: string): FieldError[] {
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const [, name = fieldPath, subscript] = /^([^[\]]*)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (apiVersion !== 'v1') return [invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`)];
  if (subscript !== undefined) {
    if (name === 'metadata.annotations') return invalidValues(path, subscript, qualifiedName(subscript.toLowerCase()));
    if (name === 'metadata.labels') return invalidValues(path, subscript, qualifiedName(subscript));
    return [invalidValue(`${path}.fieldPath`, fieldPath, 'error converting fieldPath: field label does not support subscript')];
  }
  if (!podFields.has(name)) return [invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  return fields.includes(name === 'spec.host' ? 'spec.nodeName' : name) ? [] : [notSupported(`${path}.fieldPath`, name, fields)];
}

const divisors: Record<string, readonly string[]> = {
  cpu: ['0', '1m', '1'],
  memory: ['0', '1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'],
};

const containerResources = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];

/** Checks a reference to a container's resources (validateContainerResourceFieldSelector); in a volume it must name the container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor = '0' }: ResourceFieldSelector,
  path: string,
  { volume = false } = {},
): FieldError[] {
  if (volume && !containerName) return [required(`${path}.containerName`)];
  if (!resource) return [required(`${path}.resource`)];
  const hugePages = /^(limits|requests)\.hugepages-/.test(resource);
  if (!containerResources.includes(resource) && !hugePages) return [notSupported(`${path}.resource`, resource, containerResources)];
  const kind = resource.split('.')[1]!;
  const valid = divisors[kind] ?? divisors.memory!;
  if (valid.includes(divisor)) return [];
  const name = kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind;
  const shown = kind === 'cpu' ? '1m and 1' : valid.slice(1).join(', ');
  return [invalidValue(`${path}.divisor`, resource, `only divisor's values ${shown} are supported with the ${name} resource`)];
}
