import type { Fields } from '../../kube/fields.ts';
import { goText } from '../../kube/go-text.ts';
import { badRequest, StatusError } from '../../kube/status.ts';
import { unprocessable } from './unprocessable.ts';

/** What is wrong with a strategic merge patch, in the words of apimachinery's pkg/util/mergepatch. */
export class PatchError extends Error {
  /** The code that it is answered with. */
  readonly code: 400 | 422 | 500;
  constructor(message: string, code: PatchError['code'] = 500) {
    super(message);
    this.code = code;
  }
}

/** 400, 422, or 500 without a reason: that of what Kubernetes has no name for (apiserver's handlers/patch.go, interpretStrategicMergePatchError). */
export function statusOfPatchError({ code, message }: PatchError): StatusError {
  if (code === 400) return badRequest(message);
  if (code === 422) return unprocessable();
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code });
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
