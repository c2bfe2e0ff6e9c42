import type { Taint } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/**
 * Nothing is scheduled onto a new node before it is known to be ready (plugin/pkg/admission/nodetaint); controllers/node-lifecycle takes the
 * taint off.
 */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(review) {
    const node = writeTo(review, 'nodes', 'CREATE')?.object;
    if (!node) return;
    const taints = node.spec?.taints ?? [];
    if (!taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) node.spec = { ...node.spec, taints: [...taints, NOT_READY] };
  },
};

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
