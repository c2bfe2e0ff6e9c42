import { type Environment, environment } from '../environment.ts';
import { kubernetesLibraries } from '../libraries/kubernetes.ts';
import type { Bindings } from '../run.ts';
import { optionalOf } from '../type.ts';
import { Failure, Optional } from '../value.ts';
import { type Schema, withObjectMeta } from './schema.ts';
import { schemaType } from './schema-type.ts';
import { schemaValue } from './schema-value.ts';

/** What the rules of a schema are compiled in and evaluated with (`x-kubernetes-validations`). */
export interface Rules {
  /** Of `self`, a value of the schema, and `oldSelf`, what it was before. */
  readonly environment: Environment;
  /** How many bytes of JSON the smallest value of the schema has. */
  readonly leastBytes: number;
  /** Without an old value `oldSelf` is `optional.none()`, or nothing where it is no optional. */
  bindings(self: unknown, oldSelf?: unknown): Bindings;
}

export interface RulesOptions {
  /** The schema is that of a whole object. */
  readonly root?: boolean;
  /** `optionalOldSelf` of a rule: it is evaluated when there is no old value, too. */
  readonly optionalOldSelf?: boolean;
}

/** undefined: expressions do not get to see values of the schema. */
export function rulesOf(schema: Schema, { root = false, optionalOldSelf = false }: RulesOptions = {}): Rules | undefined {
  const declared = schemaType(schema, { name: 'selfType', root });
  if (!declared) return undefined;
  const { type, sizeOfPath, leastBytes } = declared;
  const whole = root ? withObjectMeta(schema) : schema;
  const old = (json: unknown) => {
    const value = json === undefined ? undefined : schemaValue(json, whole);
    if (!optionalOldSelf || value instanceof Failure) return value;
    return value === undefined ? Optional.none : new Optional(value);
  };
  return {
    leastBytes,
    environment: environment({ variables: { self: type, oldSelf: optionalOldSelf ? optionalOf(type) : type }, sizeOfPath, libraries: kubernetesLibraries }),
    bindings: (self, oldSelf) => {
      const before = old(oldSelf);
      return { self: schemaValue(self, whole), ...(before !== undefined && { oldSelf: before }) };
    },
  };
}
