import { quoted } from '../../kube/validation/field.ts';
import { Failure } from '../value.ts';

/** A version as github.com/blang/semver reads it (Semantic Versioning 2.0.0). */
export interface SemanticVersion {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** A number is before any text. */
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];
}

/** A Failure has the words of blang/semver. */
export function parseVersion(text: string): SemanticVersion | Failure {
  if (text === '') return new Failure('Version string empty');
  const [majorText, minorText, ...rest] = cut(text, '.', 3);
  if (minorText === undefined || rest[0] === undefined) return new Failure('No Major.Minor.Patch elements found');
  const [numbered, ...builds] = cut(rest[0], '+', 2);
  const [patchText, ...prereleases] = cut(numbered!, '-', 2);
  const major = numberOf(majorText!, 'Major');
  if (major instanceof Failure) return major;
  const minor = numberOf(minorText, 'Minor');
  if (minor instanceof Failure) return minor;
  const patch = numberOf(patchText!, 'Patch');
  if (patch instanceof Failure) return patch;
  const prerelease: (bigint | string)[] = [];
  for (const part of prereleases.flatMap((parts) => parts.split('.'))) {
    const read = prereleaseOf(part);
    if (read instanceof Failure) return read;
    prerelease.push(read);
  }
  const build = builds.flatMap((parts) => parts.split('.'));
  for (const part of build) {
    if (part === '') return new Failure('Build meta data is empty');
    if (!ALPHANUMERIC.test(part)) return new Failure(`Invalid character(s) found in build meta data ${quoted(part)}`);
  }
  return { major, minor, patch, prerelease, build };
}

/** Forgives a `v` in front, leading zeros, and a missing minor or patch (`normalizeAndParse` of k8s.io/apiserver/pkg/cel/library/semverlib.go). */
export function parseLooseVersion(text: string): SemanticVersion | Failure {
  const parts = cut(text.replace(/^v/, ''), '.', 3).map((part) => {
    if (part.length <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^[0-9]/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) return new Failure('short version cannot contain PreRelease/Build meta data');
  while (parts.length < 3) parts.push('0');
  return parseVersion(parts.join('.'));
}

/** By precedence, which the build does not count for: -1, 0 or 1. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  const numbers = compare(a.major, b.major) || compare(a.minor, b.minor) || compare(a.patch, b.patch);
  if (numbers) return numbers;
  // A prerelease is before its release.
  if (!a.prerelease.length || !b.prerelease.length) return compare(!a.prerelease.length, !b.prerelease.length);
  for (const [i, part] of a.prerelease.entries()) {
    const other = b.prerelease[i];
    if (other === undefined) return 1;
    const order = typeof part === typeof other ? compare(part, other) : typeof part === 'bigint' ? -1 : 1;
    if (order) return order;
  }
  return compare(a.prerelease.length, b.prerelease.length);
}

export const versionText = ({ major, minor, patch, prerelease, build }: SemanticVersion): string =>
  `${major}.${minor}.${patch}${prerelease.length ? `-${prerelease.join('.')}` : ''}${build.length ? `+${build.join('.')}` : ''}`;

const NUMERIC = /^[0-9]*$/;
const ALPHANUMERIC = /^[0-9A-Za-z-]*$/;
const MOST = 2n ** 64n - 1n;

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function numberOf(text: string, part: string): bigint | Failure {
  if (!NUMERIC.test(text)) return new Failure(`Invalid character(s) found in ${part.toLowerCase()} number ${quoted(text)}`);
  if (/^0./.test(text)) return new Failure(`${part} number must not contain leading zeroes ${quoted(text)}`);
  return unsigned(text);
}

function prereleaseOf(text: string): bigint | string | Failure {
  if (text === '') return new Failure('Prerelease is empty');
  if (!NUMERIC.test(text)) return ALPHANUMERIC.test(text) ? text : new Failure(`Invalid character(s) found in prerelease ${quoted(text)}`);
  if (/^0./.test(text)) return new Failure(`Numeric PreRelease version must not contain leading zeroes ${quoted(text)}`);
  return unsigned(text);
}

function unsigned(digits: string): bigint | Failure {
  const wrong = (reason: string) => new Failure(`strconv.ParseUint: parsing ${quoted(digits)}: ${reason}`);
  if (digits === '') return wrong('invalid syntax');
  // A million digits are no number of 64 bits, and need not be read to know.
  return digits.length > 20 || BigInt(digits) > MOST ? wrong('value out of range') : BigInt(digits);
}

/** At most so many parts: the last one keeps the separators (strings.SplitN). */
function cut(text: string, separator: string, most: number): string[] {
  const parts = text.split(separator);
  return parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}
