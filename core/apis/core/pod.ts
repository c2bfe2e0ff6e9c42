import type { FieldError } from '../../kube/status.ts';
import { forbiddenField } from '../../kube/validation/field.ts';
import { label } from '../../kube/validation/names.ts';
import type { Pod, PodSpec, PodStatus } from '../../schema/generated/kinds.ts';
import { ipWarnings } from '../networking/ip-values.ts';
import type { Strategy } from '../strategy.ts';
import { applyAppArmorAnnotations } from './app-armor-annotations.ts';
import { defaultRequests } from './container-defaults.ts';
import { validateImageBlanks } from './containers.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { mergeMatchLabelKeys } from './match-label-keys.ts';
import { validatePodAnnotations, validateProfileAnnotations } from './pod-annotations.ts';
import { qosClass } from './pod-qos.ts';
import { defaultPodResources } from './pod-resources.ts';
import { defaultPodSpec, validatePodSpec } from './pod-spec.ts';
import { validatePodStatusUpdate } from './pod-status.ts';
import { table } from './pod-table.ts';
import { isPodTerminal } from './pod-terminal.ts';
import { validatePodUpdate } from './pod-update.ts';
import { podWarnings } from './pod-warnings.ts';

/** Pods (pkg/registry/core/pod/strategy.go). */
export const strategy: Strategy<Pod> = {
  generation: 'spec',
  resetFields: { status: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']] },

  defaults({ spec }) {
    if (!spec) return;
    defaultPodSpec(spec);
    spec.enableServiceLinks ??= true;
    const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
    for (const container of containers) defaultRequests(container);
    defaultPodResources(spec);
    if (spec.hostNetwork) {
      for (const { ports = [] } of containers) for (const port of ports) port.hostPort ||= port.containerPort;
    }
  },

  prepareForCreate(pod, { warn }) {
    if (!pod.spec) return;
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) };
    if (pod.spec.schedulingGates?.length) {
      pod.status.conditions = [
        { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
      ];
    }
    dropDisabledFields(pod.spec);
    mergeMatchLabelKeys(pod.spec, pod.metadata.labels ?? {});
    applyAppArmorAnnotations(pod, warn);
  },

  prepareForStatusUpdate(pod, previous) {
    // The class is computed once, from what the pod was created with.
    const { qosClass } = previous.status ?? {};
    if (pod.status && qosClass && pod.status.qosClass !== qosClass) pod.status = { ...pod.status, qosClass };
  },

  validate: ({ metadata, spec = { containers: [] } }, previous) => [
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', metadata),
    ...validateTokens(spec),
    ...(['containers', 'initContainers'] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, i) => validateImageBlanks(container, `spec.${list}[${i}]`)),
    ),
    ...(previous ? [] : validateNew(metadata, spec)),
  ],
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,

  warnings({ metadata, spec, status }, previous, subresource) {
    if (subresource === 'status') return statusWarnings(status);
    return previous ? [] : [...hostnameWarnings(metadata.name), ...podWarnings(metadata, spec!)];
  },

  gracePeriodSeconds({ spec, status }, requested) {
    // Nothing runs of a pod that has no node or has ended: no kubelet would have to be asked.
    if (!spec?.nodeName || isPodTerminal({ status })) return 0;
    const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },

  selectableFields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    // A field label that is known, and that no pod has (pkg/apis/core/v1/conversion.go; registry/core/pod, ToSelectableFields).
    'status.podIPs': () => '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },

  table,
};

/** What is asked of a new pod (ValidatePodCreate). */
const validateNew = (metadata: Pod['metadata'], spec: PodSpec): FieldError[] => [
  ...(spec.ephemeralContainers?.length ? [forbiddenField('spec.ephemeralContainers', 'cannot be set on create')] : []),
  ...(spec.nodeName && spec.schedulingGates?.length ? [forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')] : []),
  ...validateProfileAnnotations(metadata, spec, 'spec'),
];

/** A token needs an account that it is of. */
const validateTokens = ({ serviceAccountName, volumes = [] }: PodSpec): FieldError[] =>
  serviceAccountName
    ? []
    : volumes.flatMap(({ projected }, i) =>
        (projected?.sources ?? []).flatMap(({ serviceAccountToken }, j) =>
          serviceAccountToken
            ? [forbiddenField(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, 'must not be specified when serviceAccountName is not set')]
            : [],
        ),
      );

function hostnameWarnings(name: string): string[] {
  const problems = label(name);
  if (!problems.length) return [];
  return [`metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`];
}

const statusWarnings = ({ podIPs = [], hostIPs = [] }: PodStatus = {}): string[] => [
  ...podIPs.flatMap(({ ip }, i) => ipWarnings(`status.podIPs[${i}].ip`, ip)),
  ...hostIPs.flatMap(({ ip }, i) => ipWarnings(`status.hostIPs[${i}].ip`, ip)),
];
