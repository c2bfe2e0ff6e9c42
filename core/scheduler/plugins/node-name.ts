import { type Plugin, skip, unresolvable } from '../framework.ts';

export const nodeName: Plugin = {
  name: 'NodeName',
  local: true,
  preFilter: ({ pod }) => (pod.spec!.nodeName ? undefined : skip),
  filter: ({ pod }, { name }) =>
    !pod.spec!.nodeName || pod.spec!.nodeName === name ? undefined : unresolvable("node(s) didn't match the requested node name"),
};
