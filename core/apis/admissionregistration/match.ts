import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notSupported, required, tooMany } from '../../kube/validation/field.ts';
import { label, pathSegment, qualifiedName } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { MatchCondition, MatchResources, ParamKind, ParamRef } from '../../schema/generated/kinds.ts';
import { defaultRule, validateOperationsRule } from './rule.ts';

/** What admission policies and their bindings match, and the parameters that they take. Expressions are kept as they are. */

export function defaultMatchResources(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) defaultRule(rule);
}

export function validateMatchResources(match: MatchResources, path: string): FieldError[] {
  const { matchPolicy, resourceRules = [], excludeResourceRules = [] } = match;
  const policies = ['Equivalent', 'Exact'];
  return [
    ...(matchPolicy === undefined ? [required(`${path}.matchPolicy`)] : []),
    ...(matchPolicy !== undefined && !policies.includes(matchPolicy) ? [notSupported(`${path}.matchPolicy`, matchPolicy, policies)] : []),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...resourceRules.flatMap((rule, i) => validateOperationsRule(rule, `${path}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) => validateOperationsRule(rule, `${path}.excludeResourceRules[${i}]`)),
  ];
}

const MAX_CONDITIONS = 64;

export const validateMatchConditions = (conditions: readonly MatchCondition[], path: string): FieldError[] => [
  ...(conditions.length > MAX_CONDITIONS ? [tooMany(path, conditions.length, MAX_CONDITIONS)] : []),
  ...conditions.flatMap(({ name, expression }, i) => [
    ...(expression?.trim() ? [] : [required(`${path}[${i}].expression`)]),
    ...(name ? invalidValues(`${path}[${i}].name`, name, qualifiedName(name)) : [required(`${path}[${i}].name`)]),
    ...(name && conditions.findIndex((other) => other.name === name) < i ? [duplicate(`${path}[${i}].name`, name)] : []),
  ]),
];

export function validateParamKind({ apiVersion, kind }: ParamKind, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!apiVersion) errors.push(required(`${path}.apiVersion`));
  else if (apiVersion.split('/').length > 2) errors.push(invalidValue(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  if (!kind) errors.push(required(`${path}.kind`));
  else
    errors.push(
      ...label(kind.toLowerCase()).map((message) => invalidValue(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${message}`)),
    );
  return errors;
}

export function validateParamRef({ name, selector, parameterNotFoundAction: action }: ParamRef, path: string): FieldError[] {
  const errors = name ? invalidValues(`${path}.name`, name, pathSegment(name)) : [];
  if (name && selector) {
    errors.push(forbiddenField(`${path}.name`, 'name and selector are mutually exclusive'));
    errors.push(forbiddenField(`${path}.selector`, 'name and selector are mutually exclusive'));
  }
  if (!name && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  if (action === undefined) errors.push(required(`${path}.parameterNotFoundAction`));
  else if (action !== 'Allow' && action !== 'Deny') errors.push(notSupported(`${path}.parameterNotFoundAction`, action, ['Allow', 'Deny']));
  errors.push(...validateLabelSelector(selector, `${path}.selector`));
  return errors;
}

/** How a Table shows the kind of parameters of a policy. */
export const paramKindText = (kind: ParamKind | undefined): string => (kind ? `${kind.apiVersion}/${kind.kind}` : '<unset>');

/** How a Table shows the parameters of a binding. */
export function paramRefText(reference: ParamRef | undefined): string {
  if (reference?.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference?.selector ? JSON.stringify(reference.selector) : '<unset>';
}
