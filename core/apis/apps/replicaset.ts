import { labelSelectorText } from '../../kube/label-selector.ts';
import { nonNegative } from '../../kube/validation/field.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabelSelector, nameColumn } from '../columns.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import { podTemplateWarnings } from '../core/pod-warnings.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultTemplate,
  isChanged,
  podNameWarnings,
  validateAtMost,
  validateCounts,
  validateReplicaTemplate,
  validateSelector,
  validateSelectorUpdate,
} from './workload.ts';

/** apps/v1 ReplicaSet (pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/replicaset/strategy.go). */
export const strategy: Strategy<ReplicaSet> = {
  generation: 'spec',
  defaults(replicaSet) {
    replicaSet.spec ??= {} as ReplicaSetSpec;
    defaultTemplate(replicaSet.spec);
    replicaSet.spec.replicas ??= 1;
  },
  prepareForCreate(replicaSet) {
    resetStatus(replicaSet);
    dropDisabledFields(replicaSet.spec!.template?.spec);
  },
  prepareForUpdate: ({ spec }, previous) => dropDisabledFields(spec!.template?.spec, previous.spec?.template?.spec),
  validate: ({ spec = {} as ReplicaSetSpec }) => [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    // Kubernetes says "deployment" here too.
    ...validateSelector(spec.selector, 'spec.selector', 'deployment'),
    ...validateReplicaTemplate(spec),
  ],
  validateUpdate: (replicaSet, previous) => validateSelectorUpdate(replicaSet.spec?.selector, previous.spec?.selector),
  validateStatusUpdate: ({ status }) => [
    ...validateCounts(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas']),
    ...validateAtMost(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], 'replicas', 'cannot be greater than status.replicas'),
    ...validateAtMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
  ],
  warnings: (replicaSet, previous, subresource) =>
    subresource
      ? []
      : [
          ...(previous ? [] : podNameWarnings(replicaSet.metadata.name)),
          ...(isChanged(replicaSet, previous) ? podTemplateWarnings(replicaSet.spec?.template, 'spec.template') : []),
        ],
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    withReplicas: (replicaSet, replicas) => ({ ...replicaSet, spec: { ...replicaSet.spec!, replicas } }),
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => labelSelectorText(spec?.selector),
  },
  table: {
    columns: [
      nameColumn,
      column(
        'Desired',
        'integer',
        'Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset',
      ),
      column(
        'Current',
        'integer',
        'Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset',
      ),
      column('Ready', 'integer', 'The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.'),
      ageColumn,
      ...containerColumns,
      column(
        'Selector',
        'string',
        "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
        'wide',
      ),
    ],
    cells: (replicaSet, now) => {
      const { spec, status } = replicaSet;
      return [
        replicaSet.metadata.name,
        spec?.replicas ?? 0,
        status?.replicas ?? 0,
        status?.readyReplicas ?? 0,
        ageOf(replicaSet, now),
        ...containerCells(spec?.template?.spec?.containers),
        formatLabelSelector(spec?.selector),
      ];
    },
  },
};

const resetStatus = emptyStatus({ replicas: 0 });
