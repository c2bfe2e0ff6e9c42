import { localApiServices } from '../apis/apiregistration/local-api-services.ts';
import { Apis } from '../apis/apis.ts';
import { aggregatedRules } from '../apis/rbac/aggregated-rules.ts';
import { kubernetesService } from '../controllers/control-plane/kubernetes-service.ts';
import { SYSTEM_NAMESPACES } from '../controllers/control-plane/system-namespaces.ts';
import type { KubeObject } from '../kube/object.ts';
import type { ClusterRole, PriorityClass, ServiceCIDR, StorageClass } from '../schema/generated/kinds.ts';
import policy from './facts/policy.json' with { type: 'json' };

/**
 * What a new cluster contains, in an order in which it can be created: each object goes through the rules of its kind, as if a client
 * had sent it, and gets its defaults, uid and times there.
 */
export function bootstrapObjects(_now: number): KubeObject[] {
  return [
    ...SYSTEM_NAMESPACES.map(namespace),
    ...priorityClasses,
    storageClass,
    serviceCIDR,
    kubernetesService,
    ...policyObjects(),
    ...localApiServices(Apis.builtIn),
  ];
}

/**
 * The roles and bindings of RBAC, the flow schemas and priority levels of kube-apiserver (`scripts/facts/bootstrap`). The roles that collect the rules of others
 * have them from the first.
 */
function policyObjects(): KubeObject[] {
  const objects = policy as unknown as readonly KubeObject[];
  const roles = (objects.filter(({ kind }) => kind === 'ClusterRole') as ClusterRole[]).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  // `view` before `edit` before `admin`, each of which collects the one before it.
  for (const name of ['view', 'edit', 'admin']) {
    const i = roles.findIndex(({ metadata }) => metadata.name === name);
    roles[i] = { ...roles[i]!, rules: aggregatedRules(roles[i]!, roles) };
  }
  const byName = new Map(roles.map((role) => [role.metadata.name, role]));
  return objects.map((object) => (object.kind === 'ClusterRole' ? byName.get(object.metadata.name)! : object));
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

/** The range that addresses of Services come from (core/service-allocation.ts). */
const serviceCIDR: ServiceCIDR = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes' },
  spec: { cidrs: ['10.96.0.0/12'] },
};
