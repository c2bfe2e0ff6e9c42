import { feasible, type Plugin } from '../framework.ts';

export const nodeName: Plugin = {
  name: 'NodeName',
  filter: ({ pod }, { node }) =>
    !pod.spec!.nodeName || pod.spec!.nodeName === node.metadata.name ? feasible : ["node(s) didn't match the requested node name"],
};
