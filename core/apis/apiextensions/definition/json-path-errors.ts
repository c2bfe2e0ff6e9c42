import type { FieldError } from '../../../kube/status.ts';
import { invalidValue } from '../../../kube/validation/field.ts';

/** Kubernetes asks no more of a path than its first dot. */
export const simpleJsonPathErrors = (path: string, field: string): FieldError[] =>
  path.startsWith('.') ? [] : [invalidValue(field, path, 'must be a simple json path starting with .')];
