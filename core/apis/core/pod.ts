import type { FieldError } from '../../kube/status.ts';
import { required } from '../../kube/validation/field.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { defaultRequests } from './container-defaults.ts';
import { qosClass } from './pod-qos.ts';
import { defaultPodSpec, validatePodSpec } from './pod-spec.ts';
import { table } from './pod-table.ts';
import { isPodTerminal } from './pod-terminal.ts';
import { validatePodStatusUpdate, validatePodUpdate } from './pod-update.ts';

/** Pods (pkg/registry/core/pod/strategy.go). */
export const strategy: Strategy<Pod> = {
  generation: 'spec',

  defaults({ spec }) {
    if (!spec) return;
    defaultPodSpec(spec);
    spec.enableServiceLinks ??= true;
    const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
    for (const container of containers) defaultRequests(container);
    if (spec.hostNetwork) {
      for (const { ports = [] } of containers) for (const port of ports) port.hostPort ||= port.containerPort;
    }
  },

  prepareForCreate(pod) {
    if (!pod.spec) return;
    delete pod.spec.ephemeralContainers;
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) };
    if (pod.spec.schedulingGates?.length) {
      pod.status.conditions = [
        { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
      ];
    }
  },

  prepareForStatusUpdate(pod, previous) {
    // The class is computed once, from what the pod was created with.
    if (pod.status && previous.status?.qosClass) pod.status = { ...pod.status, qosClass: previous.status.qosClass };
  },

  validate: ({ spec }): FieldError[] => (spec ? validatePodSpec(spec, 'spec') : [required('spec.containers')]),
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,

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
