import { validateNodeSelector } from '../../apis/core/affinity.ts';
import { type Fields, isFields } from '../../kube/fields.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { NodeAffinity, NodeSelector } from '../../schema/generated/kinds.ts';

/** What a profile may configure of a plugin (`pluginConfig`), and how that is checked (apis/config/validation/validation_pluginargs.go). */
export interface PluginArgs {
  /** `NodeAffinityArgs` */
  readonly kind: string;
  readonly validate: (args: Fields, path: string) => FieldError[];
}

export const pluginArgs: Readonly<Record<string, PluginArgs>> = {
  DefaultPreemption: {
    kind: 'DefaultPreemptionArgs',
    validate: (args, path) => {
      const [percentage, absolute] = [args['minCandidateNodesPercentage'] ?? 10, args['minCandidateNodesAbsolute'] ?? 100];
      return [
        ...inRange(percentage, { min: 0, max: 100 }, `${path}.minCandidateNodesPercentage`),
        ...((absolute as number) < 0 ? [invalidValue(`${path}.minCandidateNodesAbsolute`, absolute, 'not in valid range [0, inf)')] : []),
        ...(percentage === 0 && absolute === 0
          ? [
              invalidValue(`${path}.minCandidateNodesPercentage`, percentage, 'cannot be zero at the same time as minCandidateNodesAbsolute'),
              invalidValue(`${path}.minCandidateNodesAbsolute`, absolute, 'cannot be zero at the same time as minCandidateNodesPercentage'),
            ]
          : []),
      ];
    },
  },
  InterPodAffinity: {
    kind: 'InterPodAffinityArgs',
    validate: ({ hardPodAffinityWeight = 1 }, path) => inRange(hardPodAffinityWeight, { min: 0, max: 100 }, `${path}.hardPodAffinityWeight`),
  },
  NodeAffinity: {
    kind: 'NodeAffinityArgs',
    validate: ({ addedAffinity }, path) => {
      const { requiredDuringSchedulingIgnoredDuringExecution: selector } = (addedAffinity ?? {}) as NodeAffinity;
      return selector ? validateNodeSelector(selector as NodeSelector, `${path}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution`) : [];
    },
  },
  NodeResourcesBalancedAllocation: {
    kind: 'NodeResourcesBalancedAllocationArgs',
    validate: (args, path) => balancedErrors(listIn(args['resources']), `${path}.resources`),
  },
  NodeResourcesFit: { kind: 'NodeResourcesFitArgs', validate: fitErrors },
  PodTopologySpread: { kind: 'PodTopologySpreadArgs', validate: spreadErrors },
  VolumeBinding: {
    kind: 'VolumeBindingArgs',
    validate: ({ bindTimeoutSeconds = 600, shape }, path) => [
      ...((bindTimeoutSeconds as number) < 0
        ? [invalidValue(`${path}.bindTimeoutSeconds`, bindTimeoutSeconds, 'invalid BindTimeoutSeconds, should not be a negative value')]
        : []),
      ...(shape === undefined
        ? []
        : [invalidValue(`${path}.shape`, shape, 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring')]),
    ],
  },
};

const inRange = (value: unknown, { min, max }: { min: number; max: number }, path: string): FieldError[] =>
  typeof value === 'number' && value >= min && value <= max ? [] : [invalidValue(path, value, `not in valid range [${min}, ${max}]`)];

export const listIn = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

const balancedErrors = (resources: readonly Fields[], path: string): FieldError[] =>
  resources.flatMap(({ name, weight }, i) => [
    ...(resources.findIndex((other) => other['name'] === name) < i ? [duplicate(`${path}[${i}].name`, name)] : []),
    ...((weight || 1) === 1 ? [] : [invalidValue(`${path}[${i}].weight`, weight, 'must be 1')]),
  ]);

const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];

function fitErrors({ scoringStrategy, ignoredResources, ignoredResourceGroups }: Fields, path: string): FieldError[] {
  const errors = textsIn(ignoredResources).flatMap((name, i) => invalidValues(`${path}.ignoredResources[${i}]`, name, qualifiedName(name)));
  for (const [i, group] of textsIn(ignoredResourceGroups).entries()) {
    const at = `${path}.ignoredResourceGroups[${i}]`;
    if (group.includes('/')) errors.push(invalidValue(at, group, "resource group name can't contain '/'"));
    errors.push(...invalidValues(at, group, qualifiedName(group)));
  }
  if (!isFields(scoringStrategy)) return errors;
  const at = `${path}.scoringStrategy`;
  const { type = '', resources, requestedToCapacityRatio: ratio } = scoringStrategy;
  if (!STRATEGIES.includes(type as string)) errors.push(notSupported(`${at}.type`, type, STRATEGIES));
  for (const [i, { name, weight }] of listIn(resources).entries()) {
    const isValid = !weight || (typeof weight === 'number' && weight > 0 && weight <= 100);
    if (!isValid) errors.push(invalidValue(`${at}.resources[${i}].weight`, weight, `resource weight of ${name} not in valid range (0, 100]`));
  }
  const ofRatio = `${at}.requestedToCapacityRatio`;
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio !== undefined) errors.push(forbiddenField(ofRatio, 'must be nil when type is not RequestedToCapacityRatio'));
  } else if (isFields(ratio)) errors.push(...shapeErrors(listIn(ratio['shape']), `${ofRatio}.shape`));
  else errors.push(required(ofRatio, 'must be specified when type is RequestedToCapacityRatio'));
  return errors;
}

export const textsIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function shapeErrors(shape: readonly Fields[], path: string): FieldError[] {
  if (shape.length === 0) return [required(path, 'at least one point must be specified')];
  const utilizations = shape.map(({ utilization = 0 }) => utilization as number);
  const unsorted = utilizations.findIndex((utilization, i) => i > 0 && utilizations[i - 1]! >= utilization);
  return [
    ...(unsorted === -1 ? [] : [invalidValue(`${path}[${unsorted}].utilization`, utilizations[unsorted], 'values must be sorted in increasing order')]),
    ...shape.flatMap(({ utilization = 0, score = 0 }, i) => [
      ...inRange(utilization, { min: 0, max: 100 }, `${path}[${i}].utilization`),
      ...inRange(score, { min: 0, max: 10 }, `${path}[${i}].score`),
    ]),
  ];
}

const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

function spreadErrors({ defaultingType = 'System', defaultConstraints }: Fields, path: string): FieldError[] {
  const constraints = listIn(defaultConstraints);
  const errors: FieldError[] = [];
  if (defaultingType !== 'System' && defaultingType !== 'List') errors.push(notSupported(`${path}.defaultingType`, defaultingType, ['System', 'List']));
  if (defaultingType === 'System' && constraints.length > 0) {
    errors.push(invalidValue(`${path}.defaultingType`, defaultingType, 'when .defaultConstraints are not empty'));
  }
  for (const [i, { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', labelSelector }] of constraints.entries()) {
    const at = `${path}.defaultConstraints[${i}]`;
    if ((maxSkew as number) <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, 'not in valid range (0, inf)'));
    errors.push(
      ...(topologyKey === ''
        ? [required(`${at}.topologyKey`, 'can not be empty')]
        : invalidValues(`${at}.topologyKey`, topologyKey as string, qualifiedName(topologyKey as string))),
    );
    if (whenUnsatisfiable === '') errors.push(required(`${at}.whenUnsatisfiable`, 'can not be empty'));
    else if (!UNSATISFIABLE.includes(whenUnsatisfiable as string)) errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, UNSATISFIABLE));
    if (labelSelector !== undefined) {
      errors.push(forbiddenField(`${at}.labelSelector`, 'constraint must not define a selector, as they deduced for each pod'));
    }
    const isRepeated = constraints.slice(0, i).some((other) => other['topologyKey'] === topologyKey && other['whenUnsatisfiable'] === whenUnsatisfiable);
    if (isRepeated) errors.push(duplicate(at, `{${topologyKey}, ${whenUnsatisfiable}}`));
  }
  return errors;
}
