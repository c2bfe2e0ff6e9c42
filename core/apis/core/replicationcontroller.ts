import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, nonNegative, required } from '../../kube/validation/field.ts';
import type { ReplicationController, ReplicationControllerSpec } from '../../schema/generated/kinds.ts';
import { isChanged, podNameWarnings, validateAlwaysRunning, validateAtMost, validateCounts } from '../apps/workload.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { defaultPodTemplate, validatePodTemplate } from './pod-spec.ts';
import { podTemplateWarnings } from './pod-warnings.ts';

const table: Table<ReplicationController> = {
  columns: [
    nameColumn,
    column(
      'Desired',
      'integer',
      'Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
    ),
    column(
      'Current',
      'integer',
      'Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
    ),
    column('Ready', 'integer', 'The number of ready replicas for this replication controller.'),
    ageColumn,
    ...containerColumns,
    column(
      'Selector',
      'string',
      'Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
      'wide',
    ),
  ],
  cells: (controller, now) => [
    controller.metadata.name,
    controller.spec?.replicas ?? 0,
    controller.status?.replicas ?? 0,
    controller.status?.readyReplicas ?? 0,
    ageOf(controller, now),
    ...containerCells(controller.spec?.template?.spec?.containers),
    formatLabels(controller.spec?.selector),
  ],
};

/** ReplicationControllers, the ancestor of ReplicaSets (pkg/registry/core/replicationcontroller). */
export const strategy: Strategy<ReplicationController> = {
  anyGenerateName: true,
  generation: 'spec',
  defaultPropagation: 'Orphan',

  defaults({ metadata, spec }) {
    if (!spec) return;
    const labels = spec.template?.metadata?.labels;
    if (labels && !Object.keys(spec.selector ?? {}).length) spec.selector = { ...labels };
    if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels };
    spec.replicas ??= 1;
    if (spec.template) defaultPodTemplate(spec.template);
  },

  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
    dropDisabledFields(controller.spec?.template?.spec);
  },

  prepareForUpdate: ({ spec }, previous) => dropDisabledFields(spec?.template?.spec, previous.spec?.template?.spec),

  validate({ spec = {} }) {
    const { selector = {}, replicas } = spec;
    return [
      ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
      ...(Object.keys(selector).length ? [] : [required('spec.selector')]),
      ...nonNegative('spec.replicas', replicas),
      ...validateTemplate(spec),
    ];
  },

  warnings: (controller, previous, subresource) =>
    subresource
      ? []
      : [
          ...(previous ? [] : podNameWarnings(controller.metadata.name)),
          ...(isChanged(controller, previous) ? podTemplateWarnings(controller.spec?.template, 'spec.template') : []),
        ],

  validateStatusUpdate: ({ status }) => [
    ...validateCounts(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration']),
    ...validateAtMost(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], 'replicas', 'cannot be greater than status.replicas'),
    ...validateAtMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
  ],

  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },

  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    withReplicas: (controller, replicas) => ({ ...controller, spec: { ...controller.spec, replicas } }),
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) =>
      Object.entries(spec?.selector ?? {})
        .sort()
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
  },

  table,
};

function validateTemplate({ selector = {}, template }: ReplicationControllerSpec): FieldError[] {
  if (!template) return [required('spec.template')];
  const labels = template.metadata?.labels;
  return [
    ...(Object.keys(selector).some((key) => labels?.[key] !== selector[key])
      ? [invalidValue('spec.template.metadata.labels', goValue('{}s', labels), '`selector` does not match template `labels`')]
      : []),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRunning(template, 'spec.template', 'ReplicationController'),
  ];
}
