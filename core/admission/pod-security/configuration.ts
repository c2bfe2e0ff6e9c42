import { type Fields, isFields } from '../../kube/fields.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import { LEVEL_RULE, MODES, type Mode, type Policy, parseLevel, parseVersion, privilegedPolicy, VERSION_RULE } from './policy.ts';

/** What the operator of a host says of pod security (pod-security.admission.config.k8s.io, PodSecurityConfiguration). */
export interface PodSecurityConfiguration {
  /** What holds in namespaces whose labels do not say otherwise. */
  readonly defaults: Policy;
  readonly exemptions: Exemptions;
}

/** Whose pods are not looked at. */
export interface Exemptions {
  readonly usernames: readonly string[];
  readonly namespaces: readonly string[];
  readonly runtimeClasses: readonly string[];
}

/** Nothing is refused unless a namespace asks for it. */
export const podSecurityDefaults: PodSecurityConfiguration = {
  defaults: privilegedPolicy,
  exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
};

/** A configuration as it is written, and what is wrong with it (ValidatePodSecurityConfiguration). */
export function podSecurityConfiguration(given: Fields): { configuration: PodSecurityConfiguration; errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const defaults = part(given, 'defaults', errors);
  const exemptions = part(given, 'exemptions', errors);
  const read = <T>(name: string, parse: (text: string) => T | undefined, rule: string, unset: T): T => {
    const text = defaults[name] || undefined;
    if (text === undefined) return unset;
    const value = typeof text === 'string' ? parse(text) : undefined;
    if (value === undefined) errors.push(invalidValue(`defaults.${name}`, text, rule));
    return value ?? unset;
  };
  const modeIn = (mode: Mode) => ({
    level: read(mode, parseLevel, LEVEL_RULE, privilegedPolicy[mode].level),
    version: read(`${mode}-version`, parseVersion, VERSION_RULE, privilegedPolicy[mode].version),
  });
  const namesIn = (name: keyof Exemptions, problems: (name: string) => readonly string[]): readonly string[] => {
    const list = exemptions[name] ?? [];
    const names = Array.isArray(list) ? list : [list];
    errors.push(...names.flatMap((one, i) => nameErrors(one, { path: `exemptions.${name}[${i}]`, before: names.slice(0, i), problems })));
    return names as string[];
  };
  const configuration = {
    defaults: { enforce: modeIn('enforce'), audit: modeIn('audit'), warn: modeIn('warn') },
    exemptions: {
      namespaces: namesIn('namespaces', label),
      runtimeClasses: namesIn('runtimeClasses', subdomain),
      usernames: namesIn('usernames', (name) => (name === '' ? ['username must not be empty'] : [])),
    },
  };
  errors.push(...unknownIn(defaults, 'defaults', [...MODES, ...MODES.map((mode) => `${mode}-version`)]));
  errors.push(...unknownIn(exemptions, 'exemptions', ['namespaces', 'runtimeClasses', 'usernames']));
  return { configuration, errors };
}

/** A misspelt name would leave open what it was to close. */
const unknownIn = (given: Fields, path: string, known: readonly string[]): FieldError[] =>
  Object.keys(given).flatMap((name) => (known.includes(name) ? [] : [invalidValue(`${path}.${name}`, given[name], 'unknown field')]));

function part(given: Fields, name: string, errors: FieldError[]): Fields {
  const value = given[name] ?? {};
  if (isFields(value)) return value;
  errors.push(invalidValue(name, value, 'must be an object'));
  return {};
}

function nameErrors(
  name: unknown,
  { path, before, problems }: { path: string; before: readonly unknown[]; problems: (name: string) => readonly string[] },
): FieldError[] {
  if (typeof name !== 'string') return [invalidValue(path, name, 'must be a string')];
  const wrong = problems(name);
  if (wrong.length > 0) return [invalidValue(path, name, wrong.join(', '))];
  return before.includes(name) ? [duplicate(path, name)] : [];
}
