import type { FieldError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';

/** At which level the pods of a namespace are refused, audited and warned of (k8s.io/pod-security-admission/api). */
export type Policy = Readonly<Record<Mode, LevelVersion>>;

export interface LevelVersion {
  readonly level: Level;
  /** `v1.<number>` */
  readonly version: number | 'latest';
}

export type Mode = (typeof MODES)[number];
export type Level = (typeof LEVELS)[number];

export const MODES = ['enforce', 'audit', 'warn'] as const;
/** The more is allowed, the earlier. */
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;

const PRIVILEGED: LevelVersion = { level: 'privileged', version: 'latest' };
export const privilegedPolicy: Policy = { enforce: PRIVILEGED, audit: PRIVILEGED, warn: PRIVILEGED };

/**
 * The policy that the labels of a namespace ask for, the rest of it as it is by default, and what is wrong with them (PolicyToEvaluate). What cannot be
 * read enforces restricted, and neither audits nor warns.
 */
export function policyOf(labels: Readonly<Record<string, string>> = {}, defaults: Policy): { policy: Policy; errors: readonly FieldError[] } {
  if (!MODES.some((mode) => names[mode].level in labels || names[mode].version in labels)) return { policy: defaults, errors: NONE };
  const errors: FieldError[] = [];
  const read = <T>(name: string, parse: (text: string) => T | undefined, rule: string, { unset, unread }: { unset: T; unread: T }): T => {
    const text = labels[name];
    if (text === undefined) return unset;
    const value = parse(text);
    if (value === undefined) errors.push(invalidValue(`metadata.labels[${name}]`, text, rule));
    return value ?? unread;
  };
  const readMode = (mode: Mode, fallback: LevelVersion): LevelVersion => ({
    level: read(names[mode].level, parseLevel, LEVEL_RULE, { unset: fallback.level, unread: mode === 'enforce' ? 'restricted' : 'privileged' }),
    version: read(names[mode].version, parseVersion, VERSION_RULE, { unset: fallback.version, unread: 'latest' }),
  });
  const enforce = readMode('enforce', defaults.enforce);
  const audit = readMode('audit', defaults.audit);
  const warn = readMode('warn', warnDefault(labels, enforce, defaults));
  return { policy: { enforce, audit, warn }, errors };
}

const NONE: readonly FieldError[] = [];

const namesOf = (mode: Mode) => ({ level: `pod-security.kubernetes.io/${mode}`, version: `pod-security.kubernetes.io/${mode}-version` });
const names: Readonly<Record<Mode, { level: string; version: string }>> = { enforce: namesOf('enforce'), audit: namesOf('audit'), warn: namesOf('warn') };

/** The labels that set a mode. */
export const labelsOf = (mode: Mode): readonly string[] => [names[mode].level, names[mode].version];

/** Who is refused at a level that a label names is warned at it too (of workloads, of which nothing is refused), unless a label says when to warn. */
function warnDefault(labels: Readonly<Record<string, string>>, enforce: LevelVersion, { warn }: Policy): LevelVersion {
  const isNamed = names.warn.level in labels;
  const isSet = parseLevel(labels[names.enforce.level] ?? '') !== undefined;
  return !isNamed && isSet && isStricter(enforce.level, warn.level) ? enforce : warn;
}

const isStricter = (level: Level, than: Level): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(than);

export const LEVEL_RULE = `must be one of ${LEVELS.join(', ')}`;
export const VERSION_RULE = 'must be "latest" or "v1.x"';

export const parseLevel = (text: string): Level | undefined => LEVELS.find((level) => level === text);

export function parseVersion(text: string): LevelVersion['version'] | undefined {
  if (text === 'latest') return text;
  const minor = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(text)?.[1];
  return minor === undefined || BigInt(minor) > MAX_INT ? undefined : Number(minor);
}

const MAX_INT = 2n ** 63n - 1n;

/** Whether a level forbids what the one before it may have allowed. */
export const isRaised = (now: LevelVersion, before: LevelVersion): boolean =>
  now.level !== 'privileged' && (now.version !== before.version || isStricter(now.level, before.level));

export const isFullyPrivileged = ({ enforce, audit, warn }: Policy): boolean =>
  enforce.level === 'privileged' && audit.level === 'privileged' && warn.level === 'privileged';

export const isSame = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;

/** `restricted:latest`, `baseline:v1.25` */
export const textOf = ({ level, version }: LevelVersion): string => `${level}:${version === 'latest' ? version : `v1.${version}`}`;
