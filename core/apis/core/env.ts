import { canonicalQuantity, compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { configKey, envVarName, label, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector } from '../../schema/generated/kinds.ts';
import { noBacksteps } from './volume-paths.ts';

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
    ...(fileKeyRef ? validateFileKeyRef(fileKeyRef, `${path}.fileKeyRef`) : []),
  ];
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (!count) errors.push(invalidValue(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
  else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function validateKeyRef({ name = '', key }: { name?: string; key: string }, path: string): FieldError[] {
  return [...invalidValues(`${path}.name`, name, subdomain(name)), ...(key ? invalidValues(`${path}.key`, key, configKey(key)) : [required(`${path}.key`)])];
}

const validateFileKeyRef = ({ key, volumeName, path: file }: FileKeySelector, path: string): FieldError[] => [
  ...(key ? invalidValues(`${path}.key`, key, envVarName(key)) : [required(`${path}.key`)]),
  ...(volumeName ? invalidValues(`${path}.volumeName`, volumeName, label(volumeName)) : [required(`${path}.volumeName`)]),
  ...(file ? noBacksteps(file, `${path}.path`) : [required(`${path}.path`)]),
];

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
    return [invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label does not support subscript: ${fieldPath}`)];
  }
  if (!podFields.has(name)) return [invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)];
  return fields.includes(name === 'spec.host' ? 'spec.nodeName' : name) ? [] : [notSupported(`${path}.fieldPath`, name, fields)];
}

const containerResources = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];

/** Checks a reference to a container's resources (validateContainerResourceFieldSelector); in a volume it must name the container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor = '0' }: ResourceFieldSelector,
  path: string,
  { volume = false } = {},
): FieldError[] {
  return [
    ...validateResource(resource, volume && !containerName, path),
    ...(compareQuantities(divisor, '0') === 0 ? [] : validateDivisor(resource ?? '', canonicalQuantity(divisor), `${path}.divisor`)),
  ];
}

function validateResource(resource: string | undefined, nameless: boolean, path: string): FieldError[] {
  if (nameless) return [required(`${path}.containerName`)];
  if (!resource) return [required(`${path}.resource`)];
  if (containerResources.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return [];
  return [notSupported(`${path}.resource`, resource, containerResources)];
}

const BYTES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** By what an amount may be divided, for the resources that have a rule. */
const divisors: Record<string, { name: string; valid: readonly string[]; shown: string }> = {
  cpu: { name: 'cpu', valid: ['1m', '1'], shown: '1m and 1' },
  memory: { name: 'memory', valid: BYTES, shown: BYTES.join(', ') },
  'ephemeral-storage': { name: 'local ephemeral storage', valid: BYTES, shown: BYTES.join(', ') },
  hugepages: { name: 'hugepages', valid: BYTES, shown: BYTES.join(', ') },
};

function validateDivisor(resource: string, divisor: string, path: string): FieldError[] {
  const [, kind = ''] = /^(?:limits|requests)\.(cpu$|memory$|ephemeral-storage$|hugepages(?=-))/.exec(resource) ?? [];
  const rule = divisors[kind];
  if (!rule || rule.valid.includes(divisor)) return [];
  return [invalidValue(path, resource, `only divisor's values ${rule.shown} are supported with the ${rule.name} resource`)];
}
