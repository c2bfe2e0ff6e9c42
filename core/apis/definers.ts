import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { APIService, CustomResourceDefinition } from '../schema/generated/kinds.ts';
import type { ApiResource } from './api-resource.ts';
import { DEFINITIONS } from './apiextensions/accepted-names.ts';
import { establishedBy } from './apiextensions/custom-resource/established.ts';
import { ROOT_RESOURCE, servedByRoot } from './logplane/root.ts';
import { metricsServedBy } from './metrics/metrics-apis.ts';

/**
 * The resources whose objects establish APIs themselves, and what an object of each establishes. Each is pure, and returns the same array for what it establishes
 * alike, so that another change of an object leaves what is derived from its APIs as it is.
 */
export const definers: Readonly<Record<GroupResource, (object: KubeObject) => readonly ApiResource[]>> = {
  [DEFINITIONS]: (object) => establishedBy(object as CustomResourceDefinition),
  [ROOT_RESOURCE]: servedByRoot,
  'apiservices.apiregistration.k8s.io': (object) => metricsServedBy(object as APIService),
};
