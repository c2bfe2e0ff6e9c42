import { apiVersionOf } from '../kube/group-version-kind.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Scale } from '../schema/generated/kinds.ts';
import type { ApiResource } from './api-resource.ts';
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

/** Where an object of an apiVersion has its replicas: a custom one where its version says. */
export function scalingOf({ group, groupResource, strategy, versions }: ApiResource, apiVersion: string): NonNullable<Strategy['scale']> {
  const scale = strategy.scale ?? versions.find(({ version }) => apiVersionOf({ group, version }) === apiVersion)?.scale;
  if (!scale) throw new Error(`${groupResource} does not say how it scales`);
  return scale;
}
