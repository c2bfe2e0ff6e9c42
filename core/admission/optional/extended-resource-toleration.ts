import { isExtendedResourceName } from '../../apis/core/resource-requirements.ts';
import { same } from '../../kube/object.ts';
import type { Toleration } from '../../schema/generated/kinds.ts';
import { type AdmissionPlugin, writeTo } from '../plugin.ts';

/** A pod that asks for a device tolerates the taint of that name, which keeps others off the nodes that have it (plugin/pkg/admission/extendedresourcetoleration). */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  mutate(review) {
    const spec = writeTo(review, 'pods', 'CREATE', 'UPDATE')?.object.spec;
    if (!spec) return;
    const requested = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    for (const key of [...new Set(requested.filter(isExtendedResourceName))].sort()) {
      spec.tolerations = withToleration(spec.tolerations, { key, operator: 'Exists', effect: 'NoSchedule' });
    }
  },
};

/** In the place of what tolerates the same (AddOrUpdateTolerationInPod), or as the last one. */
function withToleration(tolerations: readonly Toleration[] = [], toleration: Toleration): Toleration[] {
  const tolerated = ({ key, operator, effect, value }: Toleration) => ({ key, operator, effect, value: value || undefined });
  const isIt = (other: Toleration) => same(tolerated(other), tolerated(toleration));
  return tolerations.some(isIt) ? tolerations.map((other) => (isIt(other) ? toleration : other)) : [...tolerations, toleration];
}
