import { sameType } from '../../cel/assignable.ts';
import { compile } from '../../cel/compile.ts';
import { deviceEnvironment } from '../../cel/device-environment.ts';
import { ANY, BOOL } from '../../cel/type.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, internalError, invalidValue, invalidValues, notSupported, required, tooLong } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
} from '../../schema/generated/kinds.ts';
import { boundedList, boundedSet } from './bounded.ts';
import { validateConfiguration } from './device-configuration.ts';
import { validateFullName, validateLabel } from './device-names.ts';
import { requestNames, validateReferences } from './request-names.ts';

/** What a claim asks for (pkg/apis/resource/v1/defaults.go and validation). */

type AnyRequest = ExactDeviceRequest | DeviceSubRequest;

export function defaultDeviceClaim({ requests = [] }: DeviceClaim): void {
  for (const request of requests.flatMap(({ exactly, firstAvailable = [] }): AnyRequest[] => (exactly ? [exactly, ...firstAvailable] : firstAvailable))) {
    request.allocationMode ||= 'ExactCount';
    if (request.allocationMode === 'ExactCount') request.count ||= 1;
    for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal';
  }
}

const MAX_REQUESTS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSTRAINTS = 32;
const MAX_CONFIGURATIONS = 32;

export function validateDeviceClaim(claim: DeviceClaim, path: string): FieldError[] {
  const names = requestNames(claim);
  return [
    ...boundedSet(claim.requests, MAX_REQUESTS, validateRequest, `${path}.requests`, ({ name }) => name),
    ...boundedList(claim.constraints, MAX_CONSTRAINTS, (constraint, at) => validateConstraint(constraint, names, at), `${path}.constraints`),
    ...boundedList(
      claim.config,
      MAX_CONFIGURATIONS,
      (config, at) => [...validateReferences(config.requests, names, `${at}.requests`), ...validateConfiguration(config, at)],
      `${path}.config`,
    ),
  ];
}

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, path: string): FieldError[] {
  const errors = validateLabel(name, `${path}.name`);
  const alternatives = firstAvailable ?? [];
  if (exactly && alternatives.length)
    return [...errors, invalidValue(path, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')];
  if (exactly) return [...errors, ...validateDevices(exactly, `${path}.exactly`)];
  if (!alternatives.length) return [...errors, required(path, 'exactly one of `exactly` or `firstAvailable` is required')];
  return [
    ...errors,
    ...boundedSet(
      alternatives,
      MAX_ALTERNATIVES,
      (alternative, at) => [...validateLabel(alternative.name, `${at}.name`), ...validateDevices(alternative, at)],
      `${path}.firstAvailable`,
      (alternative) => alternative.name,
    ),
  ];
}

function validateDevices({ deviceClassName: name, allocationMode: mode = '', count = 0, selectors, tolerations = [] }: AnyRequest, path: string): FieldError[] {
  const errors = [
    ...(name ? invalidValues(`${path}.deviceClassName`, name, subdomain(name)) : [required(`${path}.deviceClassName`)]),
    ...validateSelectors(selectors, `${path}.selectors`),
  ];
  if (mode === 'All' && count) errors.push(invalidValue(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  else if (mode === 'ExactCount' && count <= 0) errors.push(invalidValue(`${path}.count`, count, 'must be greater than zero'));
  else if (mode !== 'All' && mode !== 'ExactCount') errors.push(notSupported(`${path}.allocationMode`, mode, ['All', 'ExactCount']));
  return [...errors, ...tolerations.flatMap((toleration, i) => validateToleration(toleration, `${path}.tolerations[${i}]`))];
}

const MAX_SELECTORS = 32;
const MAX_EXPRESSION = 10 * 1024;

/** The selectors of a class or a request. */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] =>
  boundedList(
    selectors,
    MAX_SELECTORS,
    ({ cel }, at) => (cel ? validateExpression(cel.expression ?? '', `${at}.cel.expression`) : [required(`${at}.cel`)]),
    path,
  );

/** What the selector of a device must come to: a bool, or an attribute of which nobody knows what it is. */
const RETURNS = [BOOL, ANY];
const MAX_COST = 1_000_000n;

function validateExpression(expression: string, field: string): FieldError[] {
  if (Buffer.byteLength(expression) > MAX_EXPRESSION) return [tooLong(field, MAX_EXPRESSION)];
  const compiled = compile(expression, deviceEnvironment());
  if ('issues' in compiled) {
    const { program, message } = compiled;
    return [program ? internalError(field, `program instantiation failed: ${message}`) : invalidValue(field, expression, `compilation failed: ${message}`)];
  }
  if (!RETURNS.some((type) => sameType(type, compiled.type)))
    return [invalidValue(field, expression, `must evaluate to bool or the unknown type, not ${compiled.type.declaredName}`)];
  return compiled.estimate().max > MAX_COST ? [forbiddenField(field, 'too complex, exceeds cost limit')] : [];
}

function validateConstraint({ requests, matchAttribute, distinctAttribute }: DeviceConstraint, names: ReadonlySet<string>, path: string): FieldError[] {
  const errors = validateReferences(requests, names, `${path}.requests`);
  if (matchAttribute !== undefined) return [...errors, ...validateFullName(matchAttribute, `${path}.matchAttribute`)];
  if (distinctAttribute !== undefined) return [...errors, ...validateFullName(distinctAttribute, `${path}.distinctAttribute`)];
  // Kubernetes says "multiple fields" of none.
  return [...errors, required(path, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')];
}

export const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];

function validateToleration({ key, operator, value = '', effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? invalidValues(`${path}.key`, key, qualifiedName(key)) : [];
  if (operator === 'Equal') errors.push(...invalidValues(`${path}.value`, value, labelValue(value)));
  else if (operator === 'Exists') errors.push(...(value ? [invalidValue(`${path}.value`, value, 'must be empty for operator `Exists`')] : []));
  else errors.push(operator ? notSupported(`${path}.operator`, operator, ['Equal', 'Exists']) : required(`${path}.operator`));
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, EFFECTS));
  return errors;
}
