import type { FieldError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { DeviceClaim } from '../../schema/generated/kinds.ts';
import { boundedSet } from './bounded.ts';
import { validateLabel } from './device-names.ts';

/** The requests of a claim, by which its other parts speak of them: `gpu`, or `gpu/small` for one of its alternatives. */
export function requestNames({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, firstAvailable = [] } of requests) {
    names.add(name);
    for (const alternative of firstAvailable) names.add(`${name}/${alternative.name}`);
  }
  return names;
}

const MAX_REQUESTS = 32;
const WRONG = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export const validateReferences = (references: readonly string[] | undefined, names: ReadonlySet<string>, path: string): FieldError[] =>
  boundedSet(
    references,
    MAX_REQUESTS,
    (name, at) => validateReference(name, names, at),
    path,
    (name) => name,
  );

export function validateReference(name = '', names: ReadonlySet<string>, path: string): FieldError[] {
  const segments = name.split('/');
  if (segments.length > 2) return [invalidValue(path, name, WRONG)];
  return [...segments.flatMap((segment) => validateLabel(segment, path)), ...(names.has(name) ? [] : [invalidValue(path, name, WRONG)])];
}
