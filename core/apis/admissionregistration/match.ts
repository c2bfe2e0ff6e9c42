import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notSupported, oneOf, required, tooMany } from '../../kube/validation/field.ts';
import { label1035, pathSegment, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { MatchCondition, MatchResources, ParamKind, ParamRef } from '../../schema/generated/kinds.ts';
import { Expressions, returns } from './expressions.ts';
import { defaultRule, validateNamedRule } from './rule.ts';

/** What admission policies and their bindings match, and the parameters that they take. */

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
    ...resourceRules.flatMap((rule, i) => validateNamedRule(rule, `${path}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) => validateNamedRule(rule, `${path}.excludeResourceRules[${i}]`)),
  ];
}

const MAX_CONDITIONS = 64;

/** When a webhook or a policy is asked at all (validateMatchConditions). `params`: the expressions may refer to parameters. */
export function validateMatchConditions(conditions: readonly MatchCondition[], path: string, params = false): FieldError[] {
  const repeated = repeats(conditions, ({ name }) => name ?? '');
  return [
    ...(conditions.length > MAX_CONDITIONS ? [tooMany(path, conditions.length, MAX_CONDITIONS)] : []),
    ...conditions.flatMap(({ name, expression }, i) => [
      ...validateCondition(expression?.trim() ?? '', `${path}[${i}].expression`, params),
      ...(name ? invalidValues(`${path}[${i}].name`, name, qualifiedName(name)) : [required(`${path}[${i}].name`)]),
      ...(name && repeated.has(i) ? [duplicate(`${path}[${i}].name`, name)] : []),
    ]),
  ];
}

const validateCondition = (expression: string, field: string, params: boolean): FieldError[] =>
  expression ? new Expressions({ params }).errors({ expression, field, returns: returns.condition, authorizer: true }) : [required(field)];

interface Conditional {
  readonly paramKind?: ParamKind;
  readonly matchConditions?: readonly MatchCondition[];
}

/** Whether the conditions of a policy are as they were, and mean what they did: nothing is said about them then (ignoreValidatingAdmissionPolicyMatchConditions). */
export const conditionsAreKept = (spec: Conditional, previous: Conditional | undefined): boolean =>
  previous !== undefined && same(spec.paramKind ?? null, previous.paramKind ?? null) && same(spec.matchConditions ?? [], previous.matchConditions ?? []);

export function validateParamKind({ apiVersion, kind }: ParamKind, path: string): FieldError[] {
  const errors = apiVersion ? validateGroupVersion(apiVersion, `${path}.apiVersion`) : [required(`${path}.apiVersion`)];
  if (!kind) return [...errors, required(`${path}.kind`)];
  const messages = label1035(kind.toLowerCase());
  return messages.length ? [...errors, invalidValue(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`)] : errors;
}

// As the group and version of an APIService are.
function validateGroupVersion(apiVersion: string, field: string): FieldError[] {
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/');
  if (parts.length > 2) return [invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version] = parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!];
  const ofGroup = group ? subdomain(group) : [];
  const errors = ofGroup.length ? [invalidValue(field, group, ofGroup.join(','))] : [];
  if (!version) return [...errors, invalidValue(field, apiVersion, 'version must be specified')];
  const ofVersion = label1035(version);
  return ofVersion.length ? [...errors, invalidValue(field, version, ofVersion.join(','))] : errors;
}

export function validateParamRef({ name, selector, parameterNotFoundAction: action }: ParamRef, path: string): FieldError[] {
  const errors = name ? invalidValues(`${path}.name`, name, pathSegment(name)) : [];
  if (name && selector) errors.push(forbiddenField(`${path}.name`, 'name and selector are mutually exclusive'));
  errors.push(...validateLabelSelector(selector, `${path}.selector`));
  if (name && selector) errors.push(forbiddenField(`${path}.selector`, 'name and selector are mutually exclusive'));
  if (!name && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  errors.push(...oneOf(`${path}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  return errors;
}

/** How a Table shows the kind of parameters of a policy. */
export const paramKindText = (kind: ParamKind | undefined): string => (kind ? `${kind.apiVersion}/${kind.kind}` : '<unset>');

/** How a Table shows the parameters of a binding. */
export function paramRefText(reference: ParamRef | undefined): string {
  if (reference?.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference?.selector ? JSON.stringify(reference.selector) : '<unset>';
}
