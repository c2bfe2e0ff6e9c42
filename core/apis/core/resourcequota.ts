import { goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { defaultResourceList } from './resource-list.ts';
import { quotaScoped, validateResourceQuantity } from './resource-requirements.ts';

/** ResourceQuotas (ValidateResourceQuota). */
export const strategy: Strategy<ResourceQuota> = {
  prepareForCreate(quota) {
    quota.status = {};
  },

  defaults({ spec, status }) {
    for (const list of [spec?.hard, status?.hard, status?.used]) defaultResourceList(list);
  },

  warnings: ({ spec }, previous) => (previous ? [] : quotaWarnings(spec?.hard ?? {})),

  validate: ({ spec = {} }) => [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec)],

  validateUpdate: ({ spec = {} }, { spec: before = {} }) =>
    same([...new Set(spec.scopes)].sort(), [...new Set(before.scopes)].sort())
      ? []
      : [invalidValue('spec.scopes', scopesText(spec.scopes ?? []), 'field is immutable')],

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

const HUGE_PAGES = /^(requests\.)?hugepages-/;
const standardQuotas = new Set([...quotaScoped, 'requests.storage']);

/** What a quota counts: a resource of containers, its requests or limits, the storage of a class, or the objects of a resource (`count/…`). */
function validateQuotaName(name: string, path: string): FieldError[] {
  const errors = invalidValues(path, name, qualifiedName(name));
  if (name.includes('/') || isStandard(name)) return errors;
  if (!errors.length && name !== 'storage') errors.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
  return [...errors, invalidValue(path, name, 'must be a standard resource for quota')];
}

const isStandard = (name: string): boolean => standardQuotas.has(name) || HUGE_PAGES.test(name);

const scopes = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass'];
const podScopes = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'];
const existing = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const podResources = ['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** Whether a scope can select what the resource is counted of (IsResourceQuotaScopeValidForResource). */
function scopeFits(scope: string, resource: string): boolean {
  if (podScopes.includes(scope)) return podResources.includes(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  return scope !== 'VolumeAttributesClass' || resource === 'persistentvolumeclaims' || resource === 'requests.storage';
}

function validateScopes({ scopes: named = [], scopeSelector, hard = {} }: ResourceQuotaSpec): FieldError[] {
  const counted = Object.keys(hard).filter(isStandard).sort();
  const unfit = (scope: string) => counted.filter((resource) => !scopeFits(scope, resource));
  const conflicts = (of: readonly string[], path: string) =>
    contradictions.filter((pair) => pair.every((scope) => of.includes(scope))).map(() => invalidValue(path, scopesText(named), 'conflicting scopes'));
  const path = 'spec.scopes';
  const errors = named.flatMap((scope) => [
    ...(scopes.includes(scope) ? [] : [invalidValue(path, named, 'unsupported scope')]),
    ...unfit(scope).map(() => invalidValue(path, named, 'unsupported scope applied to resource')),
  ]);
  errors.push(...conflicts(named, path));
  // No index, as in Kubernetes.
  const at = 'spec.scopeSelector.matchExpressions';
  const requirements = scopeSelector?.matchExpressions ?? [];
  for (const requirement of requirements) {
    if (!scopes.includes(requirement.scopeName)) errors.push(invalidValue(`${at}.scopeName`, requirement.scopeName, 'unsupported scope'));
    errors.push(
      ...unfit(requirement.scopeName).map(() => invalidValue(at, goValue('core.ScopeSelector', scopeSelector), 'unsupported scope applied to resource')),
      ...validateRequirement(requirement, at),
    );
  }
  const selected = requirements.map(({ scopeName }) => scopeName);
  return [...errors, ...conflicts(selected, at)];
}

/** A list that is empty is none. */
const scopesText = (named: readonly string[]) => (named.length ? named : null);

function validateRequirement({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (existing.includes(scopeName) && operator !== 'Exists')
    errors.push(
      invalidValue(
        `${path}.operator`,
        operator,
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      ),
    );
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
  } else errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
  return errors;
}

/** Requests that are above their limits (pkg/registry/core/resourcequota/strategy.go); told of a new quota. */
const quotaWarnings = (hard: Record<string, string>): string[] =>
  ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const bare = (name === 'cpu' || name === 'memory') && hard[`requests.${name}`] === undefined;
    const request = bare ? name : `requests.${name}`;
    const [a, b] = [hard[request], hard[`limits.${name}`]];
    return a !== undefined && b !== undefined && compareQuantities(a, b) > 0
      ? [`ResourceQuota ${request} (${a}) should be less than limits.${name} (${b})`]
      : [];
  });
