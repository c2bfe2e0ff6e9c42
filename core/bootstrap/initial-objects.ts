import { defaultServiceCIDR } from '../controllers/control-plane/default-service-cidr.ts';
import { kubernetesService } from '../controllers/control-plane/kubernetes-service.ts';
import { SYSTEM_NAMESPACES } from '../controllers/control-plane/system-namespaces.ts';
import type { KubeObject } from '../kube/object.ts';
import type { PriorityClass, StorageClass } from '../schema/generated/kinds.ts';

/**
 * What a new cluster contains before anything else is done in it (its roles and the like come with the controllers' first look,
 * `controllers/control-plane/`), in an order in which it can be created: each object goes through the rules of its kind, as if a client
 * had sent it, and gets its defaults, uid and times there.
 */
export function bootstrapObjects(_now: number, storage: readonly KubeObject[] = [storageClass]): KubeObject[] {
  return [...SYSTEM_NAMESPACES.map(namespace), ...priorityClasses, ...storage, defaultServiceCIDR, kubernetesService];
}

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** pkg/apis/scheduling/helpers.go: above every priority that a user can give. */
const priorityClasses: PriorityClass[] = [
  priorityClass('system-node-critical', 2_000_001_000, 'Used for system critical pods that must not be moved from their current node.'),
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

function priorityClass(name: string, value: number, description: string): PriorityClass {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

/**
 * The class of claims that name none. It binds when a pod uses the claim, as the class of a new EKS cluster (gp2) does: what is learnt and
 * tested here, `Pending` until the first consumer and a volume where the pod is, then holds there.
 */
const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'logplane.dev/volumes',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};
