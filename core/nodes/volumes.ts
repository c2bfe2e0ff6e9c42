import { claimOfVolume } from '../apis/core/pod-claims.ts';
import { attachableVolumesOf, isInstalled } from '../apis/storage/attachable-volumes.ts';
import { timestamp } from '../kube/object.ts';
import type { KeyToPath, Node, Pod, Volume } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { warning } from './pod-events.ts';
import { tries } from './restart.ts';
import type { Sync } from './sync.ts';

/** The resources whose objects a pod's containers may wait for. */
export const WAITED_FOR = ['configmaps', 'secrets', 'persistentvolumeclaims', 'resourceclaims.resource.k8s.io'] as const;

/** What keeps a volume from being mounted. */
interface Problem {
  /** As the kubelet's FailedMount Event says it. */
  readonly message: string;
  /** Whether it is the volume's own mount that fails, which is tried again by itself. */
  readonly isRetried: boolean;
}

/** How long a kubelet waits before it mounts a volume again (pkg/util/goroutinemap/exponentialbackoff): half a second, then twice as long each time. */
const MOUNT_BACK_OFF = { initial: 500, max: 122_000 };

/** Tells why volumes of a pod cannot be mounted, and how often that was tried until now. Whether there are such volumes. */
export function waitsForVolumes({ pod, state, now, events, enqueueAt }: Sync): boolean {
  const problems = unmountable(pod, state);
  const since = Date.parse(pod.status?.startTime ?? timestamp(now));
  const { count, next } = tries(now - since, MOUNT_BACK_OFF);
  for (const { message, isRetried } of problems) events.push(warning('FailedMount', message, undefined, { total: isRetried ? count : 1 }));
  if (problems.some(({ isRetried }) => isRetried)) enqueueAt(since + next);
  return problems.length > 0;
}

function unmountable(pod: Pod, state: State): Problem[] {
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

function problemOf(pod: Pod, volume: Volume, state: State): Problem | undefined {
  const namespace = pod.metadata.namespace!;
  const { configMap, secret, projected, csi } = volume;
  const claim = claimOfVolume(pod, volume);
  if (claim) {
    const problem = claimProblem(namespace, claim, state);
    if (!problem) return undefined;
    const lists = `unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]`;
    return { message: `Unable to attach or mount volumes: ${lists}: error processing PVC ${namespace}/${claim}: ${problem}`, isRetried: false };
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
  return problem === undefined ? undefined : { message: `MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`, isRetried: true };
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
