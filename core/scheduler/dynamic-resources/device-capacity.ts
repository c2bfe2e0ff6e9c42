import { compareQuantities, formatQuantity, value } from '../../kube/quantity.ts';
import type { CapacityRequestPolicy, CapacityRequirements, DeviceCapacity } from '../../schema/generated/kinds.ts';
import type { Device } from './device.ts';

/**
 * What a request takes of a device's capacities, each as the device's policy has it; undefined: the device does not have that much, or does not give it in such
 * pieces (consumable_capacity.go). `taken` is what others have of it.
 */
export function consumedOf(
  { of }: Device,
  wanted: CapacityRequirements | undefined,
  taken: Readonly<Record<string, number>>,
): Record<string, string> | undefined {
  const { capacity = {} } = of;
  if (Object.keys(wanted?.requests ?? {}).some((name) => !Object.hasOwn(capacity, name))) return undefined;
  const consumed: Record<string, string> = {};
  for (const [name, has] of Object.entries(capacity)) {
    const amount = consumedBy(wanted?.requests?.[name], has);
    if (violates(amount, has.requestPolicy) || (taken[name] ?? 0) + value(amount) > value(has.value)) return undefined;
    consumed[name] = amount;
  }
  return consumed;
}

/** What is asked for, rounded up to what the policy allows; without a wish, its default, or all. */
function consumedBy(wanted: string | undefined, { requestPolicy, value: all }: DeviceCapacity): string {
  if (wanted === undefined) return requestPolicy?.default ?? all;
  const { validRange, validValues } = requestPolicy ?? {};
  if (validRange) {
    if (compareQuantities(wanted, validRange.min) < 0) return validRange.min;
    if (validRange.step === undefined) return wanted;
    const [least, step] = [value(validRange.min), value(validRange.step)];
    return formatQuantity({ nanos: BigInt(least + Math.ceil((value(wanted) - least) / step) * step) * 1_000_000_000n, format: 'BinarySI' });
  }
  return validValues?.find((valid) => compareQuantities(wanted, valid) <= 0) ?? wanted;
}

function violates(amount: string, policy: CapacityRequestPolicy | undefined): boolean {
  if (!policy || amount === policy.default) return false;
  const { validRange, validValues } = policy;
  if (validRange) {
    if (validRange.max !== undefined && compareQuantities(amount, validRange.max) > 0) return true;
    return validRange.step !== undefined && (value(amount) - value(validRange.min)) % value(validRange.step) !== 0;
  }
  return validValues !== undefined && validValues.length > 0 && !validValues.some((valid) => compareQuantities(valid, amount) === 0);
}
