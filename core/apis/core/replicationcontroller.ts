import { invalidValue, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import type { ReplicationController } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { defaultPodTemplate, validatePodTemplate } from './pod-spec.ts';

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
  },

  validate({ spec = {} }) {
    const { selector = {}, template, replicas } = spec;
    const labels = template?.metadata?.labels ?? {};
    const policy = template?.spec?.restartPolicy;
    return [
      ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
      ...(Object.keys(selector).length ? validateLabels(selector, 'spec.selector') : [required('spec.selector')]),
      ...nonNegative('spec.replicas', replicas),
      ...(template ? validatePodTemplate(template, 'spec.template') : [required('spec.template')]),
      ...(template && Object.keys(selector).some((key) => labels[key] !== selector[key])
        ? [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]
        : []),
      ...(policy && policy !== 'Always' ? [notSupported('spec.template.spec.restartPolicy', policy, ['Always'])] : []),
    ];
  },

  validateStatusUpdate: ({ status }) =>
    (['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const).flatMap((name) =>
      nonNegative(`status.${name}`, status?.[name]),
    ),

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
