import { matchesNode, matchesTerm } from '../../resources/core/node-match.ts';
import { feasible, type Plugin } from '../framework.ts';

/** `nodeSelector` and node affinity; preferred terms add their weights. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  filter: ({ pod }, { node }) => (matchesNode(pod.spec!, node) ? feasible : ["node(s) didn't match Pod's node affinity/selector"]),
  score: {
    weight: 2,
    normalize: 'proportional',
    of: ({ pod }, { node }) => {
      let sum = 0;
      for (const { weight, preference } of pod.spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
        if (matchesTerm(preference, node)) sum += weight;
      }
      return sum;
    },
  },
};
