import type { FieldError } from './status.ts';
import { invalidValue, invalidValues, required } from './validation/field.ts';
import { subdomain } from './validation/names.ts';

/** Checks a domain-prefixed path, such as `acme.io/foo`: a DNS subdomain, a slash, and a path as in a URL (IsDomainPrefixedPath). */
export function validateDomainPath(field: string, value: string | undefined): FieldError[] {
  if (!value) return [required(field)];
  const slash = value.indexOf('/');
  const domain = value.slice(0, Math.max(slash, 0));
  const path = value.slice(slash + 1);
  if (!domain || !path) return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = invalidValues(field, domain, subdomain(domain));
  if (!new RegExp(`^${PATH}$`).test(path)) errors.push(invalidValue(field, path, `Invalid path (regex used for validation is '${PATH}')`));
  return errors;
}

const PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
