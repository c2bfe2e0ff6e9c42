import { goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import { compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateResourceName, validateResourceQuantity } from './resource-requirements.ts';

/** ResourceQuotas (ValidateResourceQuota). */
export const strategy: Strategy<ResourceQuota> = {
  prepareForCreate(quota) {
    quota.status = {};
  },

  validate: ({ spec = {} }) => [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec), ...validateScopeSelector(spec)],

  validateUpdate: ({ spec = {} }, { spec: before = {} }) =>
    same([...(spec.scopes ?? [])].sort(), [...(before.scopes ?? [])].sort()) ? [] : [invalidValue('spec.scopes', spec.scopes ?? [], 'field is immutable')],

  warnings: ({ spec }, previous) => (previous ? [] : limitWarnings(spec?.hard)),

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
  const errors = validateResourceName(name, path);
  return name.includes('/') || isStandard(name) ? errors : [...errors, invalidValue(path, name, 'must be a standard resource for quota')];
}

const podResources = ['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const standard = new Set([
  ...podResources,
  ...['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage', 'persistentvolumeclaims'],
  ...['resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'services.nodeports', 'services.loadbalancers'],
]);

/** The names without a domain that a quota can have (helper.IsStandardQuotaResourceName). */
const isStandard = (name: string): boolean => standard.has(name) || /^(requests\.)?hugepages-/.test(name);

/** What each scope counts of those (helper.IsResourceQuotaScopeValidForResource). */
const scopes: Readonly<Record<string, ReadonlySet<string>>> = {
  BestEffort: new Set(['pods']),
  CrossNamespacePodAffinity: new Set(podResources),
  NotBestEffort: new Set(podResources),
  NotTerminating: new Set(podResources),
  PriorityClass: new Set(podResources),
  Terminating: new Set(podResources),
  VolumeAttributesClass: new Set(['persistentvolumeclaims', 'requests.storage']),
};

/** What is wrong with a scope by itself. Each error shows the same, so that one of a kind is enough. */
function scopeProblems(scope: string, hard: Record<string, string>): string[] {
  const counted = Object.hasOwn(scopes, scope) ? scopes[scope]! : undefined;
  if (!counted) return ['unsupported scope'];
  return Object.keys(hard).some((name) => isStandard(name) && !counted.has(name)) ? ['unsupported scope applied to resource'] : [];
}

const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

const conflicts = (named: readonly string[]): string[] =>
  contradictions.some((pair) => pair.every((scope) => named.includes(scope))) ? ['conflicting scopes'] : [];

function validateScopes({ scopes: named = [], hard = {} }: ResourceQuotaSpec): FieldError[] {
  const problems = named.flatMap((scope) => scopeProblems(scope, hard));
  return [...new Set(problems), ...conflicts(named)].map((problem) => invalidValue('spec.scopes', named, problem));
}

const WITHOUT_VALUES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** The paths name no expression, as in Kubernetes. */
function validateScopeSelector({ scopes: named, scopeSelector, hard = {} }: ResourceQuotaSpec): FieldError[] {
  const expressions = scopeSelector?.matchExpressions ?? [];
  const path = 'spec.scopeSelector.matchExpressions';
  const conflicting = conflicts(expressions.map(({ scopeName }) => scopeName));
  return [
    ...expressions.flatMap(({ scopeName = '', operator = '', values = [] }) => [
      ...scopeProblems(scopeName, hard).map((problem) =>
        problem === 'unsupported scope'
          ? invalidValue(`${path}.scopeName`, scopeName, problem)
          : invalidValue(path, goValue('core.ScopeSelector', scopeSelector), problem),
      ),
      ...(WITHOUT_VALUES.includes(scopeName) && operator !== 'Exists' ? [invalidValue(`${path}.operator`, operator, MUST_EXIST)] : []),
      ...validateOperator(operator, values, path),
    ]),
    ...conflicting.map((problem) => invalidValue(path, named ?? null, problem)),
  ];
}

function validateOperator(operator: string, values: readonly string[], path: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn')
    return values.length ? [] : [required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")];
  if (operator === 'Exists' || operator === 'DoesNotExist')
    return values.length ? [invalidValue(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")] : [];
  return [invalidValue(`${path}.operator`, operator, 'not a valid selector operator')];
}

/** Requests above the limits can never be used up. */
function limitWarnings(hard: Record<string, string> = {}): string[] {
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const bare = (name === 'cpu' || name === 'memory') && hard[`requests.${name}`] === undefined;
    const [request, limit] = [bare ? name : `requests.${name}`, `limits.${name}`];
    const [requested, limited] = [hard[request], hard[limit]];
    if (requested === undefined || limited === undefined || compareQuantities(requested, limited) <= 0) return [];
    return [`ResourceQuota ${request} (${requested}) should be less than ${limit} (${limited})`];
  });
}
