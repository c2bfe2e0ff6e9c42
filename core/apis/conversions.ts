import type { GroupResource } from '../kube/object.ts';
import type { Conversion } from './api-resource.ts';
import { fromV1, toV1 } from './autoscaling/conversion.ts';
import { fromCoreEvent, toCoreEvent } from './core/event-versions.ts';

/** Resources whose objects are stored as those of another: both event APIs show the same objects, as in Kubernetes. */
export const storedAs: Readonly<Record<GroupResource, GroupResource>> = { 'events.events.k8s.io': 'events' };

/** The served versions whose shape is not that of the storage version, by `group/version/resource`. */
export const conversions: Readonly<Record<string, Conversion>> = {
  'autoscaling/v1/horizontalpodautoscalers': { fromStorage: toV1, toStorage: fromV1 },
  'events.k8s.io/v1/events': { fromStorage: fromCoreEvent, toStorage: toCoreEvent },
};
