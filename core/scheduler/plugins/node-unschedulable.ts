import { tolerates } from '../../apis/core/node-match.ts';
import { type Plugin, unresolvable } from '../framework.ts';

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  local: true,
  filter: ({ pod }, { node }) => {
    if (!node.spec?.unschedulable || pod.spec!.tolerations?.some((toleration) => tolerates(toleration, UNSCHEDULABLE))) return undefined;
    return unresolvable('node(s) were unschedulable');
  },
};
