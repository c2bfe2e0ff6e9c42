import { compareQuantities, parseQuantity } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { ResourceRequirements } from '../../schema/generated/kinds.ts';

/** Checks what a container asks for and may use at most (ValidateResourceRequirements). */
export function validateResourceRequirements(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const { limits = {}, requests = {}, claims = [] } = resources ?? {};
  const errors: FieldError[] = [];
  for (const [name, quantity] of Object.entries(limits)) {
    errors.push(...validateContainerResource(name, `${path}.limits[${name}]`), ...validateResourceQuantity(name, quantity, `${path}.limits[${name}]`));
  }
  for (const [name, quantity] of Object.entries(requests)) {
    errors.push(...validateContainerResource(name, `${path}.requests[${name}]`), ...validateResourceQuantity(name, quantity, `${path}.requests[${name}]`));
    errors.push(...validateAgainstLimit(name, quantity, Object.hasOwn(limits, name) ? limits[name] : undefined, path));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  }
  const repeated = repeats(claims, ({ name }) => name);
  claims.forEach(({ name }, i) => {
    if (!name) errors.push(required(`${path}.claims[${i}].name`));
    else if (repeated.has(i)) errors.push(duplicate(`${path}.claims[${i}]`, name));
  });
  return errors;
}

function validateAgainstLimit(name: string, request: string, limit: string | undefined, path: string): FieldError[] {
  if (limit === undefined) return overcommits(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  const difference = compareQuantities(request, limit);
  if (difference !== 0 && !overcommits(name)) return [invalidValue(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  return difference > 0 ? [invalidValue(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}

const isHugePages = (name: string) => name.startsWith('hugepages-');

/** Without a domain, or with one of Kubernetes. */
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether pods may ask for less than they may use at most. */
export const overcommits = (name: string) => isNative(name) && !isHugePages(name);

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);

export const quotaScoped = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];
/** The names without a domain that mean something (helper.IsStandardResourceName). */
const standardResources = new Set([...quotaScoped, 'storage', 'requests.storage']);

/** The name of a resource of any sort (ValidateResourceName). */
export function validateResourceName(name: string, path: string): FieldError[] {
  const errors = invalidValues(path, name, qualifiedName(name));
  if (errors.length || name.includes('/') || standardResources.has(name) || isHugePages(name)) return errors;
  return [invalidValue(path, name, 'must be a standard resource type or fully qualified')];
}

/** The name of something that containers use (validateContainerResourceName). */
export function validateContainerResource(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/')) {
    if (!containerResources.has(name) && !isHugePages(name)) errors.push(invalidValue(path, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) {
    errors.push(invalidValue(path, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

/** Whether a quota can count the name, as `requests.<name>` too (IsExtendedResourceName). */
const isExtended = (name: string) => !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;

const counted = /^(pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.nodeports|services\.loadbalancers)$/;

/** An amount: never below zero, whole where there are no parts of the thing (ValidateResourceQuantityValue). */
export function validateResourceQuantity(name: string, quantity: string, path: string): FieldError[] {
  const { nanos } = parseQuantity(quantity);
  const errors: FieldError[] = nanos < 0n ? [invalidValue(path, quantity, 'must be greater than or equal to 0')] : [];
  const whole = counted.test(name) || name.startsWith('count/') || !isNative(name) || isHugePages(name);
  if (whole && nanos % 1_000_000_000n !== 0n) errors.push(invalidValue(path, quantity, 'must be an integer'));
  return errors;
}
