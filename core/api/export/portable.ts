import { controllerOf, type KubeObject } from '../../kube/object.ts';

interface Ranked {
  /** `deployments.apps` */
  readonly groupResource: string;
  readonly namespaced: boolean;
  /** Of which definition it is, if of any. */
  readonly custom?: unknown;
}

/** Where the objects of a resource come among manifests, so that they can be created in this order. */
export function rankOf({ groupResource, namespaced, custom }: Ranked): number {
  const first = FIRST.indexOf(groupResource);
  if (first !== -1) return first;
  return FIRST.length + (custom ? 2 : 0) + (namespaced ? 1 : 0);
}

const FIRST: readonly string[] = [
  'customresourcedefinitions.apiextensions.k8s.io',
  'namespaces',
  'priorityclasses.scheduling.k8s.io',
  'storageclasses.storage.k8s.io',
  'serviceaccounts',
  'clusterroles.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'secrets',
  'configmaps',
  'persistentvolumes',
  'persistentvolumeclaims',
];

/** What is of nodes, of the moment, or of the cluster itself. */
export const NOT_EXPORTED: ReadonlySet<string> = new Set([
  'apiservices.apiregistration.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
  'componentstatuses',
  'controllerrevisions.apps',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'endpoints',
  'events',
  'events.events.k8s.io',
  'flowschemas.flowcontrol.apiserver.k8s.io',
  'ipaddresses.networking.k8s.io',
  'leases.coordination.k8s.io',
  'nodes',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  'resourceslices.resource.k8s.io',
  'servicecidrs.networking.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** Its controller makes it again; what is being deleted need not be there. */
export const isMadeByOthers = (object: KubeObject): boolean =>
  controllerOf(object) !== undefined ||
  object.metadata.deletionTimestamp !== undefined ||
  (object.kind === 'EndpointSlice' && object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] !== undefined) ||
  object.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;

/** What is there without anybody's doing. Of the namespaces of the system, something is exported when they are asked for by name. */
export function isOfEveryCluster(groupResource: string, { metadata }: KubeObject, asked: string | undefined): boolean {
  const { name, namespace, labels } = metadata;
  if (labels?.['kubernetes.io/bootstrapping'] !== undefined || name.startsWith('system:') || name.startsWith('logplane:')) return true;
  if (namespace !== undefined && SYSTEM.has(namespace) && namespace !== asked) return true;
  switch (groupResource) {
    case 'namespaces':
      return SYSTEM.has(name) || name === 'default';
    case 'serviceaccounts':
      return name === 'default';
    case 'configmaps':
      return name === 'kube-root-ca.crt';
    case 'services':
    case 'endpointslices.discovery.k8s.io':
      return name === 'kubernetes' && namespace === 'default';
    case 'priorityclasses.scheduling.k8s.io':
      return name.startsWith('system-');
    default:
      return false;
  }
}

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);
