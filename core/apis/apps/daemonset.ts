import { goValue } from '../../kube/go-value.ts';
import { selects, selectsEverything } from '../../kube/label-selector.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, formatLabelSelector, formatLabels, nameColumn } from '../columns.ts';
import { dropDisabledFields } from '../core/disabled-fields.ts';
import { validatePodTemplate } from '../core/pod-spec.ts';
import { podTemplateWarnings } from '../core/pod-warnings.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { intOrPercentValue, validateAtMost100Percent, validateIntOrPercent } from './int-or-percent.ts';
import { defaultTemplate, isUsable, validateAlwaysRunning, validateCollisionCount, validateCounts, validateSelectorUpdate } from './workload.ts';

/** apps/v1 DaemonSet (pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/daemonset/strategy.go). */
export const strategy: Strategy<DaemonSet> = {
  generation: 'spec',
  defaults(daemonSet) {
    daemonSet.spec ??= {} as DaemonSetSpec;
    const { spec } = daemonSet;
    defaultTemplate(spec);
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    setTemplateGeneration(daemonSet, templateGenerationOf(daemonSet));
  },
  prepareForCreate(daemonSet) {
    resetStatus(daemonSet);
    dropDisabledFields(daemonSet.spec!.template?.spec);
    setTemplateGeneration(daemonSet, Math.max(1, templateGenerationOf(daemonSet)));
  },
  prepareForUpdate(daemonSet, previous) {
    dropDisabledFields(daemonSet.spec!.template?.spec, previous.spec?.template?.spec);
    const isNew = !same(daemonSet.spec?.template, previous.spec?.template);
    setTemplateGeneration(daemonSet, templateGenerationOf(previous) + (isNew ? 1 : 0));
  },
  prepareForStatusUpdate: (daemonSet, previous) => setTemplateGeneration(daemonSet, templateGenerationOf(previous)),
  validate({ spec = {} as DaemonSetSpec }) {
    const { selector, template } = spec;
    const labels = template?.metadata?.labels;
    return [
      ...validateLabelSelector(selector, 'spec.selector', { strict: true }),
      ...(selects(selector, labels) || !isUsable(selector)
        ? []
        : [invalidValue('spec.template.metadata.labels', goValue('{}s', labels), '`selector` does not match template `labels`')]),
      ...(selectsEverything(selector)
        ? [invalidValue('spec.selector', goValue('meta.LabelSelector', selector), 'empty selector is invalid for daemonset')]
        : []),
      ...validatePodTemplate(template ?? {}, 'spec.template'),
      ...validateAlwaysRunning(template, 'spec.template', 'DaemonSet'),
      ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
      ...validateUpdateStrategy(spec.updateStrategy, 'spec.updateStrategy'),
      ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ];
  },
  warnings: (daemonSet, previous, subresource) =>
    subresource || (previous && goValue('core.PodTemplateSpec', daemonSet.spec?.template).equals(previous.spec?.template))
      ? []
      : podTemplateWarnings(daemonSet.spec?.template, 'spec.template'),
  validateUpdate: (daemonSet, previous) => validateSelectorUpdate(daemonSet.spec?.selector, previous.spec?.selector),
  validateStatusUpdate: ({ status }, previous) => [
    ...validateCounts(status, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...validateCollisionCount(status, previous.status),
  ],
  table: {
    columns: [
      nameColumn,
      column(
        'Desired',
        'integer',
        'The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
      ),
      column(
        'Current',
        'integer',
        'The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
      ),
      column(
        'Ready',
        'integer',
        'numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.',
      ),
      column('Up-to-date', 'integer', 'The total number of nodes that are running updated daemon pod'),
      column(
        'Available',
        'integer',
        'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)',
      ),
      column(
        'Node Selector',
        'string',
        "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/",
      ),
      ageColumn,
      ...containerColumns,
      column(
        'Selector',
        'string',
        "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
        'wide',
      ),
    ],
    cells: (daemonSet, now) => {
      const { spec, status } = daemonSet;
      return [
        daemonSet.metadata.name,
        status?.desiredNumberScheduled ?? 0,
        status?.currentNumberScheduled ?? 0,
        status?.numberReady ?? 0,
        status?.updatedNumberScheduled ?? 0,
        status?.numberAvailable ?? 0,
        formatLabels(spec?.template?.spec?.nodeSelector),
        ageOf(daemonSet, now),
        ...containerCells(spec?.template?.spec?.containers),
        formatLabelSelector(spec?.selector),
      ];
    },
  },
};

const resetStatus = emptyStatus({ currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 });

/** How often the template has changed; in apps/v1 it is an annotation that every object has and clients cannot write (pkg/apis/apps/v1/conversion.go). */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const templateGenerationOf = ({ metadata: { annotations } }: DaemonSet): number => Number(annotations?.[TEMPLATE_GENERATION] ?? 0) || 0;

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function validateUpdateStrategy(strategy: DaemonSetUpdateStrategy = {}, path: string): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate') return [notSupported(path, goValue('apps.DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete'])];
  if (!strategy.rollingUpdate) return [required(`${path}.rollingUpdate`)];
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate;
  const unavailable = `${path}.rollingUpdate.maxUnavailable`;
  const surge = `${path}.rollingUpdate.maxSurge`;
  const errors = [
    ...validateIntOrPercent(unavailable, maxUnavailable),
    ...validateIntOrPercent(surge, maxSurge),
    ...validateAtMost100Percent(unavailable, maxUnavailable),
    ...validateAtMost100Percent(surge, maxSurge),
  ];
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) errors.push(invalidValue(surge, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!hasUnavailable && !hasSurge) errors.push(required(unavailable, 'cannot be 0 when maxSurge is 0'));
  return errors;
}
