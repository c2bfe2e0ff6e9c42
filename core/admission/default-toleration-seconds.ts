import type { Pod } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, objectOf } from './plugin.ts';

/** A pod stays on a node that is not ready or cannot be reached for five minutes (plugin/pkg/admission/defaulttolerationseconds). */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(review) {
    const spec = objectOf<Pod>(review, 'pods', 'CREATE', 'UPDATE')?.spec;
    if (!spec) return;
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const tolerated = spec.tolerations?.some((t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect));
      if (!tolerated) spec.tolerations = [...(spec.tolerations ?? []), { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }];
    }
  },
};
