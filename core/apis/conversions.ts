import type { GroupResource } from '../kube/object.ts';
import type { ServedVersion } from './api-resource.ts';
import { fromV1, toV1 } from './autoscaling/conversion.ts';
import { fromCoreEvent, toCoreEvent } from './core/event-versions.ts';

/** Resources whose objects another resource keeps: both event APIs show the same objects, as in Kubernetes. */
export const keepers: Readonly<Record<GroupResource, GroupResource>> = { 'events.events.k8s.io': 'events' };

/** The served versions whose shape is not that in which their objects are kept, by `group/version/resource`. */
export const conversions: Readonly<Record<string, Required<Pick<ServedVersion, 'fromKept' | 'toKept'>>>> = {
  'autoscaling/v1/horizontalpodautoscalers': { fromKept: toV1, toKept: fromV1 },
  'events.k8s.io/v1/events': { fromKept: fromCoreEvent, toKept: toCoreEvent },
};
