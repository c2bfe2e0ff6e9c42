import type { FieldError } from '../../../kube/status.ts';
import { invalidValue, required } from '../../../kube/validation/field.ts';
import { label1035 } from '../../../kube/validation/names.ts';
import type { CustomResourceDefinitionNames } from '../../../schema/generated/kinds.ts';

/** What the names of a resource may be, in a spec and in a status (ValidateCustomResourceDefinitionNames). */
export function nameErrors(
  { plural, singular, kind, listKind, shortNames = [], categories = [] }: Partial<CustomResourceDefinitionNames>,
  path: string,
): FieldError[] {
  return [
    ...labelErrors(`${path}.plural`, plural),
    ...labelErrors(`${path}.singular`, singular),
    ...kindErrors(`${path}.kind`, kind),
    ...kindErrors(`${path}.listKind`, listKind),
    ...shortNames.flatMap((name, i) => labelErrors(`${path}.shortNames[${i}]`, name, true)),
    ...(kind && kind === listKind ? [invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, i) => labelErrors(`${path}.categories[${i}]`, name, true)),
  ];
}

/** The names that a spec must have. */
export const neededNameErrors = (names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] =>
  (['plural', 'singular', 'kind', 'listKind'] as const).filter((name) => !names[name]).map((name) => required(`${path}.${name}`));

function labelErrors(path: string, name: string | undefined, isNeeded = false): FieldError[] {
  const problems = name || isNeeded ? label1035(name) : [];
  return problems.length > 0 ? [invalidValue(path, name, problems.join(','))] : [];
}

function kindErrors(path: string, kind: string | undefined): FieldError[] {
  const problems = kind ? label1035(kind.toLowerCase()) : [];
  return problems.length > 0 ? [invalidValue(path, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`)] : [];
}
