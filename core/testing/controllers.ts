import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { Apis } from '../apis/apis.ts';
import type { ControllerContext } from '../controllers/controller.ts';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import type { KubeObject } from '../kube/object.ts';
import { deepFreeze } from '../replica/deep-freeze.ts';
import { Cluster } from './cluster.ts';
import { NOW, seededEnv } from './env.ts';
import { ago, namespace, node } from './objects.ts';
import { resourceNameOf, stateOf, stored } from './state.ts';

/**
 * A cluster in which the controllers run alone: the test moves the pods along (kubelet.ts). The objects are created in it, and a node if there is
 * none among them, since pods that are bound to a node which is not there are garbage.
 */
export async function controlled(...objects: readonly KubeObject[]): Promise<Cluster> {
  // Events stay, so that what is waited for is what a test is about.
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 }))];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default')] });
  // It has been there for a while: nothing is told of it.
  if (!objects.some(({ kind }) => kind === 'Node')) await cluster.put(node('node-1', { metadata: { creationTimestamp: ago(3600) } }));
  for (const object of objects) await cluster.create(object);
  return cluster;
}

/** One look of a controller at an object, among others: what it wants changed, without what `decide` would make of it. */
export function contextOf<T extends KubeObject>(object: T, others: readonly KubeObject[] = []): ControllerContext<T> {
  const state = stateOf(deepFreeze([object, ...others].map((each) => stored(each))));
  const resource = resourceNameOf(object);
  if (!Apis.builtIn.resource(resource)) throw new Error(`no such resource: ${resource}`);
  const { namespace = '', name } = object.metadata;
  return {
    key: `${resource}/${namespace}/${name}`,
    object: state.get(resource, namespace, name) as T,
    state,
    assumed: new Set(),
    now: NOW,
    env: seededEnv(),
    plugins: defaultAdmissionPlugins,
  };
}
