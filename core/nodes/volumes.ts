import { claimOfVolume } from '../apis/core/pod-claims.ts';
import { attachableVolumesOf, isInstalled } from '../apis/storage/attachable-volumes.ts';
import type { KeyToPath, Node, Pod, Volume } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** The resources whose objects a pod's containers may wait for. */
export const WAITED_FOR = ['configmaps', 'secrets', 'persistentvolumeclaims', 'resourceclaims.resource.k8s.io'] as const;

/** What keeps a pod's volumes from being mounted: one message for each volume, as the kubelet's FailedMount Events say it. */
export function unmountable(pod: Pod, state: State): string[] {
  const used = volumesInUse(pod);
  return (pod.spec?.volumes ?? []).filter(({ name }) => used.has(name)).flatMap((volume) => problemOf(pod, volume, state) ?? []);
}

/** The pod's volumes that are not attached to its node yet, which is waited for in silence. */
export function unattached(pod: Pod, { status }: Node, state: State): string[] {
  const used = volumesInUse(pod);
  return [...attachableVolumesOf(pod, state)]
    .filter(([name, { uniqueName }]) => used.has(name) && !status?.volumesAttached?.some((attached) => attached.name === uniqueName))
    .map(([name]) => name);
}

// A volume that no container mounts is not set up (pkg/kubelet/volumemanager/populator).
function volumesInUse({ spec }: Pod): Set<string> {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  return new Set(containers.flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices].map(({ name }) => name)));
}

function problemOf(pod: Pod, volume: Volume, state: State): string | undefined {
  const namespace = pod.metadata.namespace!;
  const { configMap, secret, projected, csi } = volume;
  const claim = claimOfVolume(pod, volume);
  if (claim) {
    const problem = claimProblem(namespace, claim, state);
    if (!problem) return undefined;
    const lists = `unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]`;
    return `Unable to attach or mount volumes: ${lists}: error processing PVC ${namespace}/${claim}: ${problem}`;
  }
  const sources = projected?.sources ?? [];
  const problem = configMap
    ? configMapProblem(namespace, configMap, state)
    : secret
      ? secretProblem(namespace, { ...secret, name: secret.secretName }, state)
      : csi
        ? driverProblem(csi.driver, state)
        : firstOf(sources, (source) =>
            source.configMap ? configMapProblem(namespace, source.configMap, state) : source.secret && secretProblem(namespace, source.secret, state),
          );
  return problem && `MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`;
}

interface KeySource {
  name?: string;
  items?: KeyToPath[];
  optional?: boolean;
}

function configMapProblem(namespace: string, { name, items = [], optional }: KeySource, state: State): string | undefined {
  if (optional) return undefined;
  const configMap = state.get('configmaps', namespace, name!);
  if (!configMap) return `configmap "${name}" not found`;
  const missing = items.find(({ key }) => !Object.hasOwn(configMap.data ?? {}, key) && !Object.hasOwn(configMap.binaryData ?? {}, key));
  return missing && `configmap references non-existent config key: ${missing.key}`;
}

function secretProblem(namespace: string, { name, items = [], optional }: KeySource, state: State): string | undefined {
  if (optional) return undefined;
  const secret = state.get('secrets', namespace, name!);
  if (!secret) return `secret "${name}" not found`;
  const missing = items.find(({ key }) => !Object.hasOwn(secret.data ?? {}, key));
  return missing && `references non-existent secret key: ${missing.key}`;
}

const driverProblem = (driver: string, state: State): string | undefined =>
  isInstalled(driver, state)
    ? undefined
    : `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${driver} not found in the list of registered CSI drivers`;

function claimProblem(namespace: string, name: string, state: State): string | undefined {
  const claim = state.get('persistentvolumeclaims', namespace, name);
  if (!claim) return `failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`;
  return claim.status?.phase === 'Bound' && claim.spec?.volumeName ? undefined : 'PVC is not bound';
}

function firstOf<T, R>(list: readonly T[], find: (element: T) => R | undefined): R | undefined {
  for (const element of list) {
    const found = find(element);
    if (found !== undefined) return found;
  }
  return undefined;
}
