import type { KubeObject } from '../kube/object.ts';
import type { Scale } from '../schema/generated/kinds.ts';
import type { ApiResource } from './api-resource.ts';

export const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** How many replicas an object has and should have, in the form that is the same for all kinds. */
export function scaleOf(object: KubeObject, { strategy, groupResource }: Pick<ApiResource, 'strategy' | 'groupResource'>): Scale {
  const { scale } = strategy;
  if (!scale) throw new Error(`${groupResource} does not say how it scales`);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scale.replicas(object);
  const selector = scale.selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scale.statusReplicas(object), ...(selector && { selector }) },
  };
}
