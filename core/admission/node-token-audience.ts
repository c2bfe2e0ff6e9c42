import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import type { User } from '../kube/user.ts';
import type { PersistentVolumeSpec, Pod, Volume } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

interface Requester {
  readonly user: User;
  /** Whose token it is to be. */
  readonly account: string;
  readonly state: State;
}

/**
 * Why a node may not have a token for these audiences: a pod's volumes must ask for it, or a role allow it (`request-serviceaccounts-token-audience`; noderestriction,
 * validateNodeServiceAccountAudience); undefined: it may.
 */
export function audienceProblem({ user, account, state }: Requester, pod: Pod, audiences: readonly string[]): string | undefined {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const audience = audiences[0] ?? '';
  const problems = new Set<string>();
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience))
      return undefined;
    const { driver, problem } = driverOf(volume, pod, state);
    const found = driver === undefined ? undefined : state.get('csidrivers.storage.k8s.io', undefined, driver);
    if (found?.spec?.tokenRequests?.some((request) => (request.audience ?? '') === audience)) return undefined;
    if (problem) problems.add(problem);
    else if (driver !== undefined && !found) problems.add(`csidriver.storage.k8s.io "${driver}" not found`);
  }
  if (problems.size > 0) return `error validating audience ${JSON.stringify(audience)}: ${aggregated([...problems])}`;
  const attributes = { user, verb: 'request-serviceaccounts-token-audience', group: '', version: 'v1', resource: audience, name: account };
  if (clusterAuthorizer.authorize({ ...attributes, namespace: pod.metadata.namespace! }, state).allowed) return undefined;
  return `audience ${JSON.stringify(audience)} not found in pod spec volume, ${user.username} is not authorized to request tokens for this audience`;
}

/** Several errors as Go prints them (util/errors, Aggregate). */
const aggregated = (problems: readonly string[]): string => (problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);

interface Driver {
  readonly driver?: string;
  readonly problem?: string;
}

/** The CSI driver that mounts a volume, if any does. */
function driverOf(volume: Volume, { metadata }: Pod, state: State): Driver {
  const { name, ephemeral, persistentVolumeClaim, csi } = volume;
  const claim = ephemeral?.volumeClaimTemplate ? `${metadata.name}-${name}` : persistentVolumeClaim?.claimName;
  if (claim !== undefined) return driverOfClaim(claim, metadata.namespace!, state);
  return csi ? { driver: csi.driver } : driverInTree(volume);
}

function driverOfClaim(name: string, namespace: string, state: State): Driver {
  const claim = state.get('persistentvolumeclaims', namespace, name);
  if (!claim) return { problem: `persistentvolumeclaim "${name}" not found` };
  const volumeName = claim.spec?.volumeName ?? '';
  const volume = state.get('persistentvolumes', undefined, volumeName);
  if (!volume) return { problem: `persistentvolume "${volumeName}" not found` };
  return volume.spec?.csi ? { driver: volume.spec.csi.driver } : driverInTree(volume.spec ?? {});
}

const driverInTree = (source: Volume | PersistentVolumeSpec): Driver => {
  const [, driver] = migrated.find(([kind]) => source[kind]) ?? [];
  return driver === undefined ? {} : { driver };
};

/** The drivers to which volumes of Kubernetes' own kinds are taken (csi-translation-lib). */
const migrated = [
  ['awsElasticBlockStore', 'ebs.csi.aws.com'],
  ['gcePersistentDisk', 'pd.csi.storage.gke.io'],
  ['cinder', 'cinder.csi.openstack.org'],
  ['azureDisk', 'disk.csi.azure.com'],
  ['azureFile', 'file.csi.azure.com'],
  ['vsphereVolume', 'csi.vsphere.vmware.com'],
  ['portworxVolume', 'pxd.portworx.com'],
] as const;
