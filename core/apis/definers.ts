import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { ApiResource } from './api-resource.ts';

/**
 * The resources whose objects establish APIs themselves, and what an object of each establishes. None does yet: CustomResourceDefinitions are
 * without effect (apiextensions/customresourcedefinition.ts), and their translation has its place here. It must be pure, and return the same array for the
 * same spec, so that a change of an object's status alone leaves what is derived from its APIs as it is.
 */
export const definers: Readonly<Record<GroupResource, (object: KubeObject) => readonly ApiResource[]>> = {};
