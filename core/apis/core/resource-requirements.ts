import { compareQuantities, isQuantity, parseQuantity, value } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notFoundValue, notSupported, required } from '../../kube/validation/field.ts';
import { label, qualifiedName } from '../../kube/validation/names.ts';
import type { ResourceClaim, ResourceRequirements } from '../../schema/generated/kinds.ts';

/** Checks what a container asks for and may use at most (ValidateContainerResourceRequirements); `claims` are the names of the pod's resource claims. */
export const validateContainerResources = (resources: ResourceRequirements | undefined, path: string, claims: ReadonlySet<string>): FieldError[] =>
  validateRequirements(resources ?? {}, path, { claims, validateName: validateContainerResource });

/** Checks what a pod as a whole asks for and may use at most; of few resources (validatePodResourceRequirements). */
export const validatePodResourceRequirements = (resources: ResourceRequirements, path: string, claims: ReadonlySet<string>): FieldError[] =>
  validateRequirements(resources, path, { claims, validateName: validatePodResource });

interface Rules {
  readonly claims: ReadonlySet<string>;
  readonly validateName: (name: string, path: string) => FieldError[];
}

function validateRequirements({ limits = {}, requests = {}, claims = [] }: ResourceRequirements, path: string, rules: Rules): FieldError[] {
  const errors: FieldError[] = [];
  const check = (name: string, quantity: string, at: string) => [...rules.validateName(name, at), ...validateResourceQuantity(name, quantity, at)];
  for (const [name, quantity] of sorted(limits)) {
    const at = `${path}.limits[${name}]`;
    errors.push(...check(name, quantity, at), ...validatePages(name, quantity, at));
  }
  for (const [name, quantity] of sorted(requests)) {
    const at = `${path}.requests[${name}]`;
    errors.push(...check(name, quantity, at));
    errors.push(...validateAgainstLimit(name, quantity, Object.hasOwn(limits, name) ? limits[name] : undefined, path));
    errors.push(...validatePages(name, quantity, at));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaims(claims, rules.claims, `${path}.claims`)];
}

const sorted = (amounts: Readonly<Record<string, string>>) => Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));

/** Pages are whole: `hugepages-2Mi` are asked for in multiples of 2 Mi. */
function validatePages(name: string, quantity: string, path: string): FieldError[] {
  if (!isHugePages(name)) return [];
  const size = name.slice('hugepages-'.length);
  const page = isQuantity(size) ? value(size) : 0;
  const whole = page > 0 && value(quantity) % page === 0;
  return whole ? [] : [invalidValue(path, quantity, `${quantity} is not positive integer multiple of ${name}`)];
}

function validateClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string>, path: string): FieldError[] {
  const taken = new Set<string>();
  return claims.flatMap(({ name, request }, i) => {
    const at = `${path}[${i}]`;
    if (!name) return [required(at)];
    return [...validateClaim(name, request, taken, at), ...(known.has(name) ? [] : [unknownClaim(at, name, known)])];
  });
}

/** A claim is named once, or each of its requests once. */
function validateClaim(name: string, request: string | undefined, taken: Set<string>, path: string): FieldError[] {
  if (taken.has(name)) return [duplicate(path, name)];
  const key = request ? `${name}/${request}` : name;
  const errors = request ? invalidValues(`${path}.request`, request, label(request)) : [];
  if (taken.has(key)) errors.push(duplicate(path, key));
  else if (!request) for (const other of taken) if (other.startsWith(`${name}/`)) errors.push(duplicate(path, name));
  taken.add(key);
  return errors;
}

function unknownClaim(path: string, name: string, known: ReadonlySet<string>): FieldError {
  const names = known.size ? `: ${[...known].sort().join(', ')}` : ' which is empty';
  return notFoundValue(path, name, `must be one of the names in pod.spec.resourceClaims${names}`);
}

function validateAgainstLimit(name: string, request: string, limit: string | undefined, path: string): FieldError[] {
  if (limit === undefined) return overcommits(name) ? [] : [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  const difference = compareQuantities(request, limit);
  if (difference !== 0 && !overcommits(name)) return [invalidValue(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  return difference > 0 ? [invalidValue(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}

const isHugePages = (name: string) => name.startsWith('hugepages-');

/** Without a domain, or with one of Kubernetes. */
export const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a resource is one that nodes announce for devices and the like (IsExtendedResourceName). */
export const isExtendedResourceName = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;

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
export const isExtended = (name: string) => !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;

const counted = /^(pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.nodeports|services\.loadbalancers)$/;

const podResources = ['cpu', 'hugepages-', 'memory'];

/** The name of something that a pod as a whole may ask for (validatePodResourceName). */
function validatePodResource(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path);
  if (errors.length || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors;
  return [notSupported(path, name, podResources)];
}

/** An amount: never below zero, whole where there are no parts of the thing (ValidateResourceQuantityValue). */
export function validateResourceQuantity(name: string, quantity: string, path: string): FieldError[] {
  const { nanos } = parseQuantity(quantity);
  const errors: FieldError[] = nanos < 0n ? [invalidValue(path, quantity, 'must be greater than or equal to 0')] : [];
  const whole = counted.test(name) || name.startsWith('count/') || !isNative(name) || isHugePages(name);
  if (whole && nanos % 1_000_000_000n !== 0n) errors.push(invalidValue(path, quantity, 'must be an integer'));
  return errors;
}
