import type { FieldError } from '../../kube/status.ts';
import { invalidValue, quoted, required, tooLong } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';

/** A signer's name: `example.com/signer-name`, its path wide enough for `namespace.name` (ValidateSignerName). */
export function validateSignerName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)];
  const [domain, path, ...more] = name.split('/') as [string, ...string[]];
  if (path === undefined || more.length) {
    return [invalidValue(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  const labels = domain.split('.');
  return [
    ...(domain.length > 253 ? [tooLong(field, 253)] : []),
    ...firstProblem(labels, label, field, domain),
    ...(labels.length < 2 ? [invalidValue(field, domain, 'should be a domain with at least two segments separated by dots')] : []),
    ...firstProblem(path.split('.'), subdomain, field, path),
    ...(name.length > MAX_LENGTH ? [tooLong(field, MAX_LENGTH)] : []),
  ];
}

/** A domain, a slash, and a namespace and a name with a dot between them. */
const MAX_LENGTH = 253 + 1 + 63 + 1 + 253;

/** The problems of the first part that has any: those of the others would read the same. */
function firstProblem(parts: readonly string[], check: (part: string) => string[], field: string, value: string): FieldError[] {
  const part = parts.find((candidate) => check(candidate).length > 0);
  return part === undefined ? [] : check(part).map((message) => invalidValue(field, value, `validating label ${quoted(part)}: ${message}`));
}
