import type { FieldError } from '../../../kube/status.ts';
import { invalidValue } from '../../../kube/validation/field.ts';
import type { CustomResourceDefinitionVersion } from '../../../schema/generated/kinds.ts';

const PATH = 'status.storedVersions';

/** The versions in which objects may be stored must all be there. */
export function storedVersionErrors(stored: readonly string[] | undefined, versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  if (!stored?.length) return [invalidValue(PATH, stored ?? null, 'must have at least one stored version')];
  const names = versions.map(({ name }) => name);
  return [
    ...versions
      .filter(({ storage, name }) => storage && !stored.includes(name))
      .map(({ name }) => invalidValue(PATH, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, i) => (names.includes(name) ? [] : [invalidValue(`${PATH}[${i}]`, name, missing(name))])),
  ];
}

const missing = (name: string) =>
  `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
