import type { FieldError } from '../../kube/status.ts';
import { invalidValue, notSupported, required } from '../../kube/validation/field.ts';
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

function validateList(values: readonly string[], field: string, what: string): FieldError[] {
  if (!values.length) return [required(field)];
  return values.length > 1 && values.includes('*') ? [invalidValue(field, values, `if '*' is present, must not specify other ${what}`)] : [];
}

// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`, `*/*`: none may repeat what another one says.
function validateResources(resources: readonly string[], field: string): FieldError[] {
  if (!resources.length) return [required(field)];
  const errors: FieldError[] = [];
  for (const [i, text] of resources.entries()) {
    if (!text) errors.push(required(`${field}[${i}]`));
    const [resource, subresource] = split(text);
    if (subresource === undefined) continue;
    for (const wider of [`${resource}/*`, `*/${subresource}`]) {
      if (resources.slice(0, i).includes(wider)) errors.push(invalidValue(`${field}[${i}]`, text, `if '${wider}' is present, must not specify ${text}`));
    }
  }
  if (resources.length > 1 && resources.includes('*/*')) errors.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && resources.some((text) => text && text !== '*' && !text.includes('/')))
    errors.push(invalidValue(field, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

function split(text: string): [resource: string, subresource: string | undefined] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
}
