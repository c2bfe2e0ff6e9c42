import type { Fields } from '../../kube/fields.ts';
import { goText } from '../../kube/go-text.ts';

/** What is wrong with a strategic merge patch, in the words of apimachinery's pkg/util/mergepatch. */
export class PatchError extends Error {
  /** Well-formed, and yet not to be done (422 rather than 400). */
  readonly unprocessable: boolean;
  constructor(message: string, { unprocessable = false } = {}) {
    super(message);
    this.unprocessable = unprocessable;
  }
}

export const badArgument = (expected: unknown, actual: unknown) => new PatchError(`expected a ${goType(expected)}, but received a ${goType(actual)}`);

export const badPatchType = (directive: unknown, patch: Fields) => new PatchError(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);

export const noMergeKey = (element: Fields, key: string) => new PatchError(`map: ${goText(element)} does not contain declared merge key: ${key}`);

function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : typeof value === 'boolean' ? 'bool' : 'string';
}
