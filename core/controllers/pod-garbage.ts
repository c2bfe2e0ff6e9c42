import type { Key } from '../object.ts';
import type { Pod } from '../resources/generated/kinds.ts';
import { type Controller, nothing } from './controller.ts';
import { deletionOf } from './mutations.ts';

/** Deletes pods at once that no kubelet will ever end: those of nodes that are gone (pkg/controller/podgc). */
export const podGarbageCollector: Controller<Pod> = {
  name: 'pod-garbage-collector',
  resource: 'pods',
  watches: {
    nodes: ({ type, object }, state): readonly Key[] => (type === 'DELETED' ? state.keys('node', object.metadata.name) : []),
  },
  reconcile({ object: pod, state }) {
    const node = pod?.spec?.nodeName;
    if (!pod || !node || state.get('nodes', undefined, node)) return nothing;
    return { mutations: [{ ...deletionOf('pods', pod), gracePeriodSeconds: 0 }] };
  },
};
