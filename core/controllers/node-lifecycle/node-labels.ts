import { same } from '../../kube/object.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/** Has the labels of old say what those that took their place say (pkg/controller/nodelifecycle, reconcileNodeLabels). */
export const nodeLabels: Controller<Node> = {
  name: 'node-labels',
  actor: controllerUser('node-controller'),
  resource: 'nodes',
  reconcile({ object: node }) {
    const { labels } = node?.metadata ?? {};
    if (!node || !labels) return nothing;
    const wanted = { ...labels };
    for (const name of ['os', 'arch']) {
      const value = labels[`kubernetes.io/${name}`];
      if (value !== undefined) wanted[`beta.kubernetes.io/${name}`] = value;
    }
    return same(labels, wanted) ? nothing : { mutations: [updateTo('nodes', { ...node, metadata: { ...node.metadata, labels: wanted } })] };
  },
};
