import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateResourceName, validateResourceQuantity } from './resource-requirements.ts';

/** ResourceQuotas (ValidateResourceQuota). */
export const strategy: Strategy<ResourceQuota> = {
  prepareForCreate(quota) {
    quota.status = {};
  },

  validate: ({ spec = {} }) => [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec)],

  validateUpdate: ({ spec = {} }, { spec: before = {} }) =>
    same([...(spec.scopes ?? [])].sort(), [...(before.scopes ?? [])].sort()) ? [] : [invalidValue('spec.scopes', spec.scopes ?? [], 'field is immutable')],

  validateStatusUpdate: ({ status }) => [...validateAmounts(status?.hard, 'status.hard'), ...validateAmounts(status?.used, 'status.used')],

  table: {
    columns: [
      nameColumn,
      column('Request', 'string', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
      column('Limit', 'string', 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.'),
      ageColumn,
    ],
    cells(quota, now) {
      const { hard = {}, used = {} } = quota.status ?? {};
      const entries = Object.keys(hard)
        .sort()
        .map((name) => ({ limit: name.startsWith('limits'), text: `${name}: ${used[name] ?? '0'}/${hard[name]}` }));
      const text = (limit: boolean) => entries.filter((entry) => entry.limit === limit).map((entry) => entry.text);
      return [quota.metadata.name, text(false).join(', '), text(true).join(', '), ageOf(quota, now)];
    },
  },
};

const validateAmounts = (amounts: Record<string, string> = {}, path: string): FieldError[] =>
  Object.entries(amounts).flatMap(([name, quantity]) => [
    ...validateQuotaName(name, `${path}[${name}]`),
    ...validateResourceQuantity(name, quantity, `${path}[${name}]`),
  ]);

/** What a quota counts: a resource of containers, its requests or limits, the storage of a class, or the objects of a resource (`count/…`). */
function validateQuotaName(name: string, path: string): FieldError[] {
  if (/^(requests|limits)\.hugepages-/.test(name)) return [];
  if (name.includes('/') || name.includes('.storageclass.')) return invalidValues(path, name, qualifiedName(name));
  const errors = validateResourceName(name, path);
  if (!errors.length && name === 'storage') errors.push(invalidValue(path, name, 'must be a standard resource for quota'));
  return errors;
}

const scopes = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass'];
const podResources = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

function validateScopes({ scopes: named = [], scopeSelector, hard = {} }: ResourceQuotaSpec): FieldError[] {
  const problems = named.flatMap((scope) => {
    if (!scopes.includes(scope)) return ['unsupported scope'];
    const allowed = scope === 'BestEffort' ? (name: string) => name === 'pods' : (name: string) => podResources.has(name);
    return Object.keys(hard).every(allowed) ? [] : ['unsupported scope applied to resource'];
  });
  // Each of them shows all scopes, and says nothing that another one of its kind does not.
  const errors: FieldError[] = [...new Set(problems)].map((problem) => invalidValue('spec.scopes', named, problem));
  if (contradictions.some((pair) => pair.every((scope) => named.includes(scope)))) errors.push(invalidValue('spec.scopes', named, 'conflicting scopes'));
  scopeSelector?.matchExpressions?.forEach(({ scopeName, operator, values = [] }, i) => {
    const path = `spec.scopeSelector.matchExpressions[${i}]`;
    if (!scopes.includes(scopeName)) errors.push(invalidValue(`${path}.scopeName`, scopeName, 'unsupported scope'));
    if (operator === 'In' || operator === 'NotIn') {
      if (!values.length) errors.push(required(`${path}.values`, "must be atleast one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length)
        errors.push(invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else {
      errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
    }
  });
  return errors;
}
