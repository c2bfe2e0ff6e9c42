import type { GroupResource } from '../kube/object.ts';

/**
 * The resources of what Logplane keeps of a cluster in its own log: how its clock is set, what is set of it, where it was reset, that it has ended, that it is the root. No API
 * serves them, and no name of a custom resource can be one of theirs: a group has a dot.
 */
export const INTERNAL_RESOURCES: ReadonlySet<GroupResource> = new Set(['clusterclocks', 'clustersettings', 'clusterresets', 'clusterends', 'clusterroots']);
