import type { PodSpec, VolumeProjection } from '../../schema/generated/kinds.ts';

/**
 * Takes away what only a feature gate of Kubernetes has that is off by default: it is dropped from pods and templates, unless they had it before (DropDisabledPodFields).
 * Changes the spec.
 */
export function dropDisabledFields(spec: PodSpec | undefined, before?: PodSpec): void {
  if (!spec) return;
  for (const source of GATED_SOURCES) {
    if (!sourcesOf(before).some((projection) => projection[source])) for (const projection of sourcesOf(spec)) delete projection[source];
  }
  if (!before?.schedulingGroup) delete spec.schedulingGroup;
  if (containersOf(before).some(({ lifecycle }) => lifecycle?.stopSignal !== undefined)) return;
  for (const container of containersOf(spec)) {
    if (container.lifecycle?.stopSignal === undefined) continue;
    delete container.lifecycle.stopSignal;
    if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
  }
}

const GATED_SOURCES = ['clusterTrustBundle', 'podCertificate'] as const;

const sourcesOf = (spec: PodSpec | undefined): VolumeProjection[] => (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

const containersOf = (spec: PodSpec | undefined) => [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
