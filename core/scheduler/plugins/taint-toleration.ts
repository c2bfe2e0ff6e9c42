import { tolerates, untolerated } from '../../resources/core/node-match.ts';
import { feasible, type Plugin } from '../framework.ts';

/** NoSchedule and NoExecute taints keep pods off; of the others, PreferNoSchedule, a node had better have few. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: ({ pod }, { node }) => {
    const taint = untolerated(node.spec?.taints, pod.spec!.tolerations, ['NoSchedule', 'NoExecute']);
    return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`] : feasible;
  },
  score: {
    weight: 3,
    normalize: 'reversed',
    of: ({ pod }, { node }) =>
      (node.spec?.taints ?? []).filter(
        (taint) => taint.effect === 'PreferNoSchedule' && !pod.spec!.tolerations?.some((toleration) => tolerates(toleration, taint)),
      ).length,
  },
};
