import { GROUP } from '../apis/logplane/own-resource.ts';
import type { GroupResource } from '../kube/object.ts';

/** What the control plane writes of other objects, and records of what was done: of these a Restore takes only what it names. */
export const isLeftAlone = (resource: GroupResource): boolean => derived.has(resource) || resource.endsWith(`.${GROUP}`);

const derived: ReadonlySet<GroupResource> = new Set([
  'events',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'leases.coordination.k8s.io',
  'volumeattachments.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'ipaddresses.networking.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
]);
