import { same } from '../../kube/object.ts';
import type { Pod, Service } from '../../schema/generated/kinds.ts';

/** In an annotation of Endpoints and EndpointSlices: since when what they say could have been known. kube-proxy measures by it how long a change takes. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * When the earliest of the changes came about that are written now: of a new Service, its creation; of pods, the time at which they became ready or ceased to be;
 * undefined where neither has changed (k8s.io/endpointslice/util, trigger_time_tracker.go, which remembers what it has seen; here that is what is written already).
 */
export function triggerTime(service: Service, changed: Iterable<Pod>, isNew: boolean): string | undefined {
  if (isNew) return service.metadata.creationTimestamp;
  let earliest: string | undefined;
  for (const { status } of changed) {
    const time = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    if (time && (earliest === undefined || time < earliest)) earliest = time;
  }
  return earliest;
}

/** Annotations with that time, or without one. */
export function withTriggerTime(annotations: Readonly<Record<string, string>> | undefined, time: string | undefined): Record<string, string> | undefined {
  const { [TRIGGER_TIME]: _, ...others } = annotations ?? {};
  const next = { ...others, ...(time && { [TRIGGER_TIME]: time }) };
  return same(next, {}) ? undefined : next;
}
