import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { pathSegment } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { NamedRuleWithOperations, RuleWithOperations } from '../../schema/generated/kinds.ts';

/** Which requests a webhook or policy is asked about (validateRuleWithOperations). */

export function defaultRule(rule: RuleWithOperations): void {
  rule.scope ??= '*';
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

export function validateOperationsRule(rule: RuleWithOperations | NamedRuleWithOperations, path: string): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  return [
    ...validateList(operations, `${path}.operations`, 'operations'),
    ...operations.flatMap((operation, i) => (OPERATIONS.includes(operation) ? [] : [notSupported(`${path}.operations[${i}]`, operation, OPERATIONS)])),
    ...validateList(apiGroups, `${path}.apiGroups`, 'API groups'),
    ...validateList(apiVersions, `${path}.apiVersions`, 'API versions'),
    ...apiVersions.flatMap((version, i) => (version ? [] : [required(`${path}.apiVersions[${i}]`)])),
    ...validateResources(resources, `${path}.resources`),
    ...(scope === undefined || SCOPES.includes(scope) ? [] : [notSupported(`${path}.scope`, scope, SCOPES)]),
  ];
}

/** A rule of a policy, which may be for objects of some names alone (validateNamedRuleWithOperations). */
export function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const { resourceNames: names = [] } = rule;
  const repeated = repeats(names, (name) => name);
  return [
    ...names.flatMap((name, i) => [
      ...invalidValues(`${path}.resourceNames[${i}]`, name, pathSegment(name)),
      ...(repeated.has(i) ? [duplicate(`${path}.resourceNames[${i}]`, name)] : []),
    ]),
    ...validateOperationsRule(rule, path),
  ];
}

const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** A policy cannot change what is being deleted. The path names no rule, as in Kubernetes. */
export const validateMutatingOperations = (rules: readonly NamedRuleWithOperations[] = [], path: string): FieldError[] =>
  rules
    .flatMap(({ operations = [] }) => operations)
    .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${path}.operations`, operation, MUTATING_OPERATIONS));

function validateList(values: readonly string[], field: string, what: string): FieldError[] {
  if (!values.length) return [required(field)];
  return values.length > 1 && values.includes('*') ? [invalidValue(field, values, `if '*' is present, must not specify other ${what}`)] : [];
}

// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`, `*/*`: none may repeat what another one says.
function validateResources(resources: readonly string[], field: string): FieldError[] {
  if (!resources.length) return [required(field)];
  const errors: FieldError[] = [];
  // Kubernetes looks at the last one alone.
  let withoutSubresource = false;
  for (const [i, text] of resources.entries()) {
    if (!text) errors.push(required(`${field}[${i}]`));
    const [resource, subresource] = split(text);
    if (subresource === undefined) {
      if (text) withoutSubresource = text !== '*';
      continue;
    }
    for (const wider of [`${resource}/*`, `*/${subresource}`]) {
      if (resources.slice(0, i).includes(wider)) errors.push(invalidValue(`${field}[${i}]`, text, `if '${wider}' is present, must not specify ${text}`));
    }
  }
  if (resources.length > 1 && resources.includes('*/*')) errors.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && withoutSubresource)
    errors.push(invalidValue(field, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

function split(text: string): [resource: string, subresource: string | undefined] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
}
