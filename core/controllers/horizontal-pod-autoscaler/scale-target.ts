import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import { scalingOf } from '../../apis/scale.ts';
import { groupVersionOf } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { CrossVersionObjectReference, HorizontalPodAutoscaler } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';

export const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';

/** What an autoscaler scales: any object with a scale subresource, and where its replicas are. */
export interface ScaleTarget {
  readonly resource: ApiResource;
  readonly object: KubeObject;
  readonly scaling: ReturnType<typeof scalingOf>;
}

/** The target, or why there is none (the RESTMapper's words, or those of the answer to a request for its scale). As there, the version of the reference is not looked at. */
export function scaleTargetOf({ metadata, spec }: HorizontalPodAutoscaler, state: State): ScaleTarget | { readonly error: string } {
  const { apiVersion = '', kind, name } = spec.scaleTargetRef;
  const { group } = groupVersionOf(apiVersion);
  const resource = apisOf(state).ofGroupKind({ group, kind });
  if (!resource) return { error: `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}` };
  if (!resource.versions.some(({ subresources }) => subresources['scale'])) return { error: 'the server could not find the requested resource' };
  const object = state.get(resource.storedAs, resource.namespaced ? metadata.namespace : undefined, name);
  if (!object) return { error: `${resource.groupResource} ${JSON.stringify(name)} not found` };
  const scaling = scalingOf(resource, object.apiVersion);
  if (scaling.replicas(object) === undefined)
    return { error: `Internal error occurred: the spec replicas field ${JSON.stringify(scaling.replicasPath)} does not exist` };
  return { resource, object, scaling };
}

/** The autoscalers of each target. */
export const byTarget = index([AUTOSCALERS], (_key, { metadata, spec }: HorizontalPodAutoscaler) => [targetPlace(metadata.namespace, spec.scaleTargetRef)]);

/** The version of a reference is not looked at. */
export function targetPlace(namespace: string | undefined, { apiVersion = '', kind, name }: CrossVersionObjectReference): string {
  return `${namespace}/${groupVersionOf(apiVersion).group}/${kind}/${name}`;
}
