import { goValue } from '../../kube/go-value.ts';
import { labelSelectorText } from '../../kube/label-selector.ts';
import { clone } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import { label } from '../../kube/validation/names.ts';
import type { PersistentVolumeClaim, PodTemplateSpec, StatefulSet, StatefulSetSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { validateClaimSpec } from '../core/claim-spec.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import { validatePodTemplate, validateTemplateMetadata } from '../core/pod-spec.ts';
import { claimSpecWarnings, podTemplateWarnings } from '../core/pod-warnings.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { intOrPercentValue, validateAtMost100Percent, validateIntOrPercent } from './int-or-percent.ts';
import {
  defaultTemplate,
  isChanged,
  isUsable,
  unusable,
  validateAlwaysRunning,
  validateAtMost,
  validateCollisionCount,
  validateCounts,
  validateSelector,
  validateTemplateLabels,
} from './workload.ts';

/** apps/v1 StatefulSet (pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/statefulset/strategy.go). */
export const strategy: Strategy<StatefulSet> = {
  generation: 'spec',
  // Its pods are named web-0, web-1, …, and a pod's host name is its name.
  nameFormat: 'label',
  defaults(statefulSet) {
    statefulSet.spec ??= {} as StatefulSetSpec;
    const { spec } = statefulSet;
    defaultTemplate(spec);
    spec.podManagementPolicy ||= 'OrderedReady';
    defaultUpdateStrategy(spec);
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.volumeClaimTemplates?.forEach(defaultClaimTemplate);
  },
  prepareForCreate(statefulSet) {
    resetStatus(statefulSet);
    dropDisabledFields(statefulSet.spec!.template?.spec);
    dropMaxUnavailable(statefulSet.spec!);
  },
  prepareForUpdate({ spec }, previous) {
    dropDisabledFields(spec!.template?.spec, previous.spec?.template?.spec);
    dropMaxUnavailable(spec!, previous.spec);
  },
  // What never changes is checked once: an older Kubernetes may have let it in.
  validate: ({ spec = {} as StatefulSetSpec }, previous) => [
    ...validatePolicies(spec),
    ...(previous ? [] : (spec.volumeClaimTemplates ?? [])).flatMap((claim, i) => validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`)),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(spec.serviceName && !previous ? invalidValues('spec.serviceName', spec.serviceName, label(spec.serviceName)) : []),
    ...validateSelector(spec.selector, 'spec.selector', 'statefulset'),
    ...validateTemplate(spec),
    ...validateAlwaysRunning(spec.template, 'spec.template', 'StatefulSet'),
  ],
  validateUpdate: ({ spec }, previous) =>
    goValue('apps.StatefulSetSpec', fixedPart(spec)).equals(fixedPart(previous.spec)) ? [] : [forbiddenField('spec', FIXED_MESSAGE)],
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount']),
    ...validateAtMost(
      status,
      ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      'replicas',
      'cannot be greater than status.replicas',
    ),
    ...validateAtMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than status.readyReplicas'),
    ...validateCollisionCount(status, previous.status),
  ],
  warnings: ({ metadata, spec }, previous, subresource) =>
    subresource
      ? []
      : [
          ...(isChanged({ metadata } as StatefulSet, previous) ? podTemplateWarnings(spec?.template, 'spec.template') : []),
          ...(spec?.volumeClaimTemplates ?? []).flatMap((claim, i) =>
            claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}]${previous ? '.Spec' : ''}`),
          ),
          ...((spec?.revisionHistoryLimit ?? 0) < 0
            ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
            : []),
        ],
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    withReplicas: (statefulSet, replicas) => ({ ...statefulSet, spec: { ...statefulSet.spec!, replicas } }),
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => labelSelectorText(spec?.selector),
  },
  table: {
    columns: [nameColumn, column('Ready', 'string', 'Number of the pod with ready state'), ageColumn, ...containerColumns],
    cells: (statefulSet, now) => [
      statefulSet.metadata.name,
      `${statefulSet.status?.readyReplicas ?? 0}/${statefulSet.spec?.replicas ?? 0}`,
      ageOf(statefulSet, now),
      ...containerCells(statefulSet.spec?.template?.spec?.containers),
    ],
  },
};

const resetStatus = emptyStatus({ replicas: 0, availableReplicas: 0 });

/** It is of the feature gate MaxUnavailableStatefulSet, which is off by default. */
function dropMaxUnavailable({ updateStrategy }: StatefulSetSpec, before?: StatefulSetSpec): void {
  if (before?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete updateStrategy?.rollingUpdate?.maxUnavailable;
}

const FIXED_MESSAGE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function validateTemplate(spec: StatefulSetSpec): FieldError[] {
  if (!isUsable(spec.selector)) return unusable(spec.selector, 'spec.selector', '');
  const template = templateOfPods(spec);
  return [
    ...validateTemplateLabels(spec.template, spec.selector, 'spec.template'),
    ...validatePodTemplate(template, 'spec.template'),
    // Kubernetes looks at these twice, and so names them twice among the causes.
    ...validateTemplateMetadata(template, 'spec.template'),
  ];
}

/** What of a spec no update may change. */
function fixedPart(spec = {} as StatefulSetSpec) {
  const { replicas, ordinals, template, updateStrategy, revisionHistoryLimit, persistentVolumeClaimRetentionPolicy, minReadySeconds, ...fixed } = spec;
  return { ...fixed, volumeClaimTemplates: fixed.volumeClaimTemplates ?? [] };
}

function defaultUpdateStrategy(spec: StatefulSetSpec): void {
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  if (!updateStrategy.type) {
    updateStrategy.type = 'RollingUpdate';
    updateStrategy.rollingUpdate ??= {};
  }
  // A strategy that is named without its parameters keeps none: so Kubernetes does.
  if (updateStrategy.type === 'RollingUpdate' && updateStrategy.rollingUpdate) updateStrategy.rollingUpdate.partition ??= 0;
}

/** A claim template is written back as a whole object, so that clients that compare see no difference (apps/v1 conversion.go). */
function defaultClaimTemplate(claim: PersistentVolumeClaim): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  claim.spec ??= {};
  claim.spec.volumeMode ??= 'Filesystem';
  claim.status ??= {};
  claim.status.phase ||= 'Pending';
}

function validatePolicies(spec: StatefulSetSpec): FieldError[] {
  const { podManagementPolicy, persistentVolumeClaimRetentionPolicy: retention } = spec;
  const errors = validateUpdateStrategy(spec, 'spec.updateStrategy');
  if (!podManagementPolicy) errors.unshift(required('spec.podManagementPolicy'));
  else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel')
    errors.unshift(invalidValue('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const policy = retention?.[when] ?? '';
    if (retention && policy !== 'Retain' && policy !== 'Delete')
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy, ['Retain', 'Delete']));
  }
  return errors;
}

function validateUpdateStrategy({ updateStrategy = {} }: StatefulSetSpec, path: string): FieldError[] {
  const { type, rollingUpdate } = updateStrategy;
  if (!type) return [required(path)];
  if (type === 'OnDelete')
    return rollingUpdate
      ? [
          invalidValue(
            `${path}.rollingUpdate`,
            goValue('apps.RollingUpdateStatefulSetStrategy', rollingUpdate),
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        ]
      : [];
  if (type !== 'RollingUpdate') return [invalidValue(path, goValue('apps.StatefulSetUpdateStrategy', updateStrategy), "must be 'RollingUpdate' or 'OnDelete'")];
  const errors = nonNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition);
  const maxUnavailable = rollingUpdate?.maxUnavailable;
  if (maxUnavailable !== undefined) {
    const field = `${path}.rollingUpdate.maxUnavailable`;
    errors.push(...validateIntOrPercent(field, maxUnavailable));
    if (intOrPercentValue(maxUnavailable) === 0) errors.push(invalidValue(field, maxUnavailable, 'cannot be 0'));
    errors.push(...validateAtMost100Percent(field, maxUnavailable));
  }
  return errors;
}

/**
 * The template as the pods get it: with a volume for every claim template, and without the host name and subdomain, which the
 * controller overwrites.
 */
function templateOfPods(spec: StatefulSetSpec): PodTemplateSpec {
  const template = clone(spec.template ?? {});
  if (!template.spec) return template;
  delete template.spec.hostname;
  delete template.spec.subdomain;
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  if (claims.length) {
    const claimed = new Set(claims);
    const volumes = (template.spec.volumes ?? []).filter(({ name }) => !claimed.has(name));
    template.spec.volumes = [...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...volumes];
  }
  return template;
}
