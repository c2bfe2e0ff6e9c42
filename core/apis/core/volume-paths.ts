import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { KeyToPath } from '../../schema/generated/kinds.ts';

/** Paths of files in volumes, and their modes. */

/** A path that stays below where it starts (validateLocalDescendingPath). */
export const validateRelativePath = (target: string, path: string): FieldError[] => [
  ...(target.startsWith('/') ? [invalidValue(path, target, 'must be a relative path')] : []),
  ...noBacksteps(target, path),
];

/** Names that start with two dots are the kubelet's own in such volumes (ValidateLocalNonReservedPath). */
export const validateFilePath = (target: string, path: string): FieldError[] => [
  ...validateRelativePath(target, path),
  ...(target.startsWith('..') && !target.startsWith('../') ? [invalidValue(path, target, "must not start with '..'")] : []),
];

export const noBacksteps = (target: string, path: string): FieldError[] =>
  target.split('/').includes('..') ? [invalidValue(path, target, "must not contain '..'")] : [];

export const validateMode = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777) ? [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : [];

/** Keys of a ConfigMap or Secret and the files that they become (validateKeyToPath). */
export const validateItems = (items: readonly KeyToPath[] = [], path: string): FieldError[] => items.flatMap((item, i) => validateItem(item, `${path}[${i}]`));

export const validateItem = ({ key, path: file, mode }: KeyToPath, path: string): FieldError[] => [
  ...(key ? [] : [required(`${path}.key`)]),
  ...(file ? validateFilePath(file, `${path}.path`) : [required(`${path}.path`)]),
  ...validateMode(mode, `${path}.mode`),
];
