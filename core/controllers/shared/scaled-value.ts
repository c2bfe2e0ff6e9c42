import type { IntOrString } from '../../schema/generated/kinds.ts';

/** A number, or a percentage of `total` rounded up or down (intstr.GetScaledValueFromIntOrPercent). */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const scaled = (Number.parseInt(value, 10) * total) / 100;
  return round === 'up' ? Math.ceil(scaled) : Math.floor(scaled);
}
