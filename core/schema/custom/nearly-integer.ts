const MAX_JSON_INTEGER = 2 ** 53 - 1;

/** swag.IsFloat64AJSONInteger: whether a number is an integer but for what floating-point arithmetic makes of it. */
export function isNearlyInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > MAX_JSON_INTEGER) return false;
  if (Number.isInteger(value)) return true;
  const whole = Math.trunc(value);
  return whole !== 0 && Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < 1e-9;
}
