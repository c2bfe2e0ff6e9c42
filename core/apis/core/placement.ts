import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { Toleration, TopologySpreadConstraint } from '../../schema/generated/kinds.ts';
import { validateMatchLabelKeys } from './match-label-keys.ts';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** Checks a pod's tolerations (ValidateTolerations). */
export const validateTolerations = (tolerations: readonly Toleration[], path: string): FieldError[] =>
  tolerations.flatMap((toleration, i) => validateToleration(toleration, `${path}[${i}]`));

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = key ? invalidValues(`${path}.key`, key, qualifiedName(key)) : [];
  if (!key && operator !== 'Exists') {
    errors.push(invalidValue(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalidValue(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === '' || operator === 'Equal') {
    const messages = labelValue(value);
    if (messages.length) errors.push(invalidValue(`${path}.operator`, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value) errors.push(invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else {
    const comparing = operator === 'Lt' || operator === 'Gt';
    errors.push(notSupported(`${path}.operator`, operator, comparing ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists']));
  }
  if (effect) errors.push(...oneOf(`${path}.effect`, effect, taintEffects));
  return errors;
}

/** A bound pod's tolerations may be added to, and how long they hold may change (validateOnlyAddedTolerations). */
export function validateOnlyAddedTolerations(tolerations: readonly Toleration[], previous: readonly Toleration[], path: string): FieldError[] {
  const matching = ({ key, operator, value, effect }: Toleration) => JSON.stringify([key, operator, value, effect]);
  const now = new Set(tolerations.map(matching));
  const kept = previous.every((old) => now.has(matching(old)));
  return kept ? validateTolerations(tolerations, path) : [forbiddenField(path, 'existing toleration can not be modified except its tolerationSeconds')];
}

/** Checks a pod's topologySpreadConstraints (validateTopologySpreadConstraints). */
export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[], path: string): FieldError[] {
  // All but the last of a pair are blamed.
  const last = new Map(constraints.map((constraint, i) => [pairOf(constraint), i]));
  return constraints.flatMap((constraint, i) => {
    const {
      maxSkew = 0,
      topologyKey = '',
      whenUnsatisfiable = '',
      minDomains,
      labelSelector,
      nodeAffinityPolicy,
      nodeTaintsPolicy,
      matchLabelKeys,
    } = constraint;
    const at = `${path}[${i}]`;
    const repeated = last.get(pairOf(constraint)) !== i;
    return [
      ...(maxSkew <= 0 ? [invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
      ...(topologyKey ? [] : [required(`${at}.topologyKey`, 'can not be empty')]),
      ...(schedulings.includes(whenUnsatisfiable) ? [] : [notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, schedulings)]),
      ...(repeated ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)] : []),
      ...validateMinDomains(minDomains, whenUnsatisfiable, `${at}.minDomains`),
      ...validateInclusion(nodeAffinityPolicy, `${at}.nodeAffinityPolicy`),
      ...validateInclusion(nodeTaintsPolicy, `${at}.nodeTaintsPolicy`),
      ...validateMatchLabelKeys({ matchLabelKeys, labelSelector }, at),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`, { strict: true }),
    ];
  });
}

const schedulings: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusions: readonly string[] = ['Honor', 'Ignore'];

const validateInclusion = (policy: string | undefined, path: string): FieldError[] =>
  policy === undefined || inclusions.includes(policy) ? [] : [notSupported(path, policy, inclusions)];

const pairOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint) => JSON.stringify([topologyKey, whenUnsatisfiable]);

function validateMinDomains(minDomains: number | undefined, whenUnsatisfiable: string, path: string): FieldError[] {
  if (minDomains === undefined) return [];
  const errors = minDomains <= 0 ? [invalidValue(path, minDomains, 'must be greater than zero')] : [];
  if (whenUnsatisfiable === 'DoNotSchedule') return errors;
  return [...errors, invalidValue(path, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`)];
}
