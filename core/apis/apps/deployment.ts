import { goValue } from '../../kube/go-value.ts';
import { labelSelectorText } from '../../kube/label-selector.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import { podTemplateWarnings } from '../core/pod-warnings.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { intOrPercentValue, validateAtMost100Percent, validateIntOrPercent } from './int-or-percent.ts';
import {
  defaultTemplate,
  isChanged,
  podNameWarnings,
  validateAtMost,
  validateCollisionCount,
  validateCounts,
  validateReplicaTemplate,
  validateSelector,
  validateSelectorUpdate,
} from './workload.ts';

/** apps/v1 Deployment (pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/deployment/strategy.go). */
export const strategy: Strategy<Deployment> = {
  statusKeeps: 'labels',
  generation: 'spec or annotations',
  defaults(deployment) {
    deployment.spec ??= {} as DeploymentSpec;
    const { spec } = deployment;
    defaultTemplate(spec);
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
  },
  prepareForCreate(deployment) {
    resetStatus(deployment);
    dropDisabledFields(deployment.spec!.template?.spec);
  },
  prepareForUpdate: ({ spec }, previous) => dropDisabledFields(spec!.template?.spec, previous.spec?.template?.spec),
  validate: ({ spec = {} as DeploymentSpec }) => [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelector(spec.selector, 'spec.selector', 'deployment'),
    ...validateReplicaTemplate(spec),
    ...validateStrategy(spec.strategy, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
    ...(spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)
      ? [invalidValue('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds')]
      : []),
  ],
  validateUpdate: (deployment, previous) => validateSelectorUpdate(deployment.spec?.selector, previous.spec?.selector),
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ]),
    ...validateAtMost(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], 'replicas', 'cannot be greater than status.replicas'),
    ...validateAtMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
    ...validateCollisionCount(status, previous.status),
  ],
  warnings: (deployment, previous, subresource) =>
    subresource
      ? []
      : [
          ...(previous ? [] : podNameWarnings(deployment.metadata.name)),
          ...(isChanged(deployment, previous) ? podTemplateWarnings(deployment.spec?.template, 'spec.template') : []),
        ],
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    withReplicas: (deployment, replicas) => ({ ...deployment, spec: { ...deployment.spec!, replicas } }),
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => labelSelectorText(spec?.selector),
  },
  table: {
    columns: [
      nameColumn,
      column('Ready', 'string', 'Number of the pod with ready state'),
      column('Up-to-date', 'string', 'Total number of non-terminating pods targeted by this deployment that have the desired template spec.'),
      column('Available', 'string', 'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.'),
      ageColumn,
      ...containerColumns,
      column(
        'Selector',
        'string',
        "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
        'wide',
      ),
    ],
    cells: (deployment, now) => {
      const { spec, status = {} } = deployment;
      return [
        deployment.metadata.name,
        `${status.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
        status.updatedReplicas ?? 0,
        status.availableReplicas ?? 0,
        ageOf(deployment, now),
        ...containerCells(spec?.template?.spec?.containers),
        labelSelectorText(spec?.selector),
      ];
    },
  },
};

const resetStatus = emptyStatus();

function validateStrategy(strategy: DeploymentStrategy = {}, path: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === 'Recreate') {
    return rollingUpdate ? [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  }
  if (type !== 'RollingUpdate') return [notSupported(path, goValue('apps.DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])];
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  return [
    ...validateIntOrPercent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...validateIntOrPercent(`${path}.rollingUpdate.maxSurge`, maxSurge),
    ...(intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0
      ? [invalidValue(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...validateAtMost100Percent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
  ];
}
