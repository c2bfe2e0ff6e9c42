import { Tolerations, untolerated } from '../../apis/core/node-match.ts';
import { type Plugin, unresolvable } from '../framework.ts';
import { reversed } from '../normalize.ts';

/** NoSchedule and NoExecute taints keep pods off; of the others, PreferNoSchedule, a node had better have few. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  local: true,
  filter: ({ pod }, { node }) =>
    // Which taints they are is not said: a user who may read pods need not be allowed to read nodes (since 1.35).
    untolerated(node.spec?.taints, pod.spec!.tolerations, ['NoSchedule', 'NoExecute']) ? UNTOLERATED : undefined,
  score: {
    weight: 3,
    normalize: reversed,
    of: ({ pod }, { node }) => {
      if (!node.spec?.taints?.length) return 0;
      const tolerated = Tolerations.of(pod.spec!.tolerations);
      return node.spec.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && tolerated.seconds(taint) === undefined).length;
    },
  },
};

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)');
