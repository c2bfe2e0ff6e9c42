import type { Library, Overload } from '../library.ts';
import { BOOL, INT, STRING, structType, type Type } from '../type.ts';
import { Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT, traversal } from './costs.ts';
import { compareVersions, parseLooseVersion, parseVersion, type SemanticVersion, versionText } from './semantic-version.ts';

export const SEMVER = structType('kubernetes.Semver', undefined, 'constant');

export class Semver extends OpaqueValue {
  readonly type = SEMVER;
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof Semver ? compareVersions(this.version, other.version) === 0 : noSuchOverload();
  }

  override toString(): string {
    return versionText(this.version);
  }
}

const accessor = (id: string, result: Type, call: (semver: Semver) => Result): Overload => ({ id, member: true, parameters: [SEMVER], result, call });

const comparison = (id: string, result: Type, call: (order: number) => Result): Overload => ({
  id,
  member: true,
  parameters: [SEMVER, SEMVER],
  result,
  call: (a: Semver, b: Semver) => call(compareVersions(a.version, b.version)),
});

/** `semver('1.2.3').isLessThan(semver('2.0.0'))`: version 1 of k8s.io/apiserver/pkg/cel/library/semverlib.go. */
export const semverLibrary: Library = {
  name: 'kubernetes.Semver',
  functions: [
    {
      name: 'semver',
      overloads: [
        { id: 'string_to_semver', parameters: [STRING], result: SEMVER, call: toSemver },
        { id: 'string_bool_to_semver', parameters: [STRING, BOOL], result: SEMVER, call: toSemver },
      ],
      cost: traversal(),
    },
    {
      name: 'isSemver',
      overloads: [
        { id: 'is_semver_string', parameters: [STRING], result: BOOL, call: isSemver },
        { id: 'is_semver_string_bool', parameters: [STRING, BOOL], result: BOOL, call: isSemver },
      ],
      cost: traversal(),
    },
    { name: 'isGreaterThan', overloads: [comparison('semver_is_greater_than', BOOL, (order) => order > 0)], cost: CONSTANT },
    { name: 'isLessThan', overloads: [comparison('semver_is_less_than', BOOL, (order) => order < 0)], cost: CONSTANT },
    { name: 'compareTo', overloads: [comparison('semver_compare_to', INT, BigInt)], cost: CONSTANT },
    { name: 'major', overloads: [accessor('semver_major', INT, ({ version }) => signed(version.major))], cost: CONSTANT },
    { name: 'minor', overloads: [accessor('semver_minor', INT, ({ version }) => signed(version.minor))], cost: CONSTANT },
    { name: 'patch', overloads: [accessor('semver_patch', INT, ({ version }) => signed(version.patch))], cost: CONSTANT },
  ],
};

function toSemver(text: string, loose = false): Semver | Failure {
  const version = loose ? parseLooseVersion(text) : parseVersion(text);
  return version instanceof Failure ? version : new Semver(version);
}

function isSemver(text: string, loose = false): boolean {
  return toSemver(text, loose) instanceof Semver;
}

// Kubernetes takes the 64 bits as they are.
const signed = (n: bigint): bigint => BigInt.asIntN(64, n);
