import { parse } from 'yaml';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import type { KubeObject } from '../kube/object.ts';
import { nodeObjects } from '../nodes/node-objects.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import { STAGES } from '../stages/stage.ts';
import { Cluster } from './cluster.ts';
import { START } from './env.ts';
import { namespace } from './objects.ts';

/** The definition of Stages, as KWOK's CRD has it in what matters here. */
const definition = parse(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${STAGES}}
spec:
  group: kwok.x-k8s.io
  names: {kind: Stage, listKind: StageList, plural: stages, singular: stage}
  scope: Cluster
  versions:
  - {name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`) as KubeObject;

/** A cluster with one node, controllers, node agents and Stages, and what is created in it after that. */
export async function clusterWithStages(...objects: readonly KubeObject[]): Promise<Cluster> {
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 })), nodesReconciler({ runtime: simulatedRuntime })];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...nodeObjects(1, START)], now: START });
  await cluster.create(definition);
  await cluster.settle();
  for (const object of objects) await cluster.create(object);
  return cluster;
}
