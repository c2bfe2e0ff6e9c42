import { featuresToRun, undeclared } from '../../apis/core/declared-features.ts';
import { type Plugin, skip, unresolvable } from '../framework.ts';

/** A pod runs only on nodes whose kubelets can do what it needs. */
export const nodeDeclaredFeatures: Plugin = {
  name: 'NodeDeclaredFeatures',
  preFilter: ({ pod }) => {
    const needed = featuresToRun(pod);
    if (needed.length === 0) return skip;
    return {
      type: 'filter',
      filter: ({ node }) => (undeclared(needed, node).length > 0 ? unresolvable("node(s) didn't match Pod's required features") : undefined),
    };
  },
};
