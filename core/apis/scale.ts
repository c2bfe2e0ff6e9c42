import type { KubeObject } from '../kube/object.ts';
import type { Scale } from '../schema/generated/kinds.ts';
import type { Strategy } from './strategy.ts';

export const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** How many replicas an object has and should have, in the form that is the same for all kinds; `scale` says where. */
export function scaleOf(object: KubeObject, scale: NonNullable<Strategy['scale']>): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scale.replicas(object) ?? 0;
  const selector = scale.selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scale.statusReplicas(object), ...(selector && { selector }) },
  };
}
