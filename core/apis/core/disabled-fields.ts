import type { PodSpec } from '../../schema/generated/kinds.ts';

/** Takes away what only a feature gate of Kubernetes has that is off by default: it is dropped from new pods and templates (DropDisabledPodFields). Changes the spec. */
export function dropDisabledFields(spec: PodSpec): void {
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      delete source.clusterTrustBundle;
      delete source.podCertificate;
    }
  }
  delete spec.schedulingGroup;
}
