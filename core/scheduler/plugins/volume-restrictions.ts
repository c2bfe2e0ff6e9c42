import { podsByClaim } from '../../apis/core/pods-by-claim.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { isExclusive, isForOnePod, type Volume } from '../exclusive-volumes.ts';
import { type Objection, type Plugin, skip } from '../framework.ts';

/**
 * Volumes that pods cannot share: a claim with ReadWriteOncePod is one pod's alone, in the whole cluster, and some kinds of disks are one pod's alone on a node
 * (pkg/scheduler/framework/plugins/volumerestrictions).
 */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  preFilter: ({ pod }, cluster) => {
    if (!pod.spec!.volumes) return skip;
    const { state } = cluster;
    const claims = claimedBy(pod);
    for (const name of claims) {
      if (!state.get('persistentvolumeclaims', pod.metadata.namespace, name)) {
        return { type: 'impossible', reason: `persistentvolumeclaim ${JSON.stringify(name)} not found` };
      }
    }
    return pod.spec!.volumes?.some(isExclusive) || claims.some((claim) => isTaken(pod, claim, state)) ? undefined : skip;
  },
  filter: ({ pod }, { name }, { state }) => {
    const disks = pod.spec!.volumes?.filter(isExclusive) ?? [];
    if (disks.length > 0 && state.by('node', name).some((other) => conflicts(disks, other))) return DISK_CONFLICT;
    return claimedBy(pod).some((claim) => isTaken(pod, claim, state)) ? CLAIM_CONFLICT : undefined;
  },
};

const DISK_CONFLICT: Objection = { reasons: ['node(s) had no available disk'], resolvable: true };
const CLAIM_CONFLICT: Objection = {
  reasons: ['node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'],
  resolvable: true,
};

/** Claims of generic ephemeral volumes are the pod's own in any case. */
const claimedBy = ({ spec }: Pod): string[] => spec?.volumes?.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []) ?? [];

const isTaken = ({ metadata: { namespace } }: Pod, name: string, state: State): boolean =>
  isForOnePod(namespace, name, state) && state.keys(podsByClaim, `${namespace}/${name}`).length > 0;

/** Whether a pod has one of the disks already, so that another one cannot have it, too (isVolumeConflict). */
export const conflicts = (disks: readonly Volume[], { spec }: Pod): boolean =>
  disks.some((disk) => spec?.volumes?.some((other) => isExclusive(other) && conflict(disk, other)));

/** Two that only read a disk share it; an EBS volume is never shared. */
const conflict = (a: Volume, b: Volume): boolean =>
  isSame(a.gcePersistentDisk, b.gcePersistentDisk, (one, two) => one.pdName === two.pdName) ||
  (a.awsElasticBlockStore !== undefined && a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore?.volumeID) ||
  isSame(a.iscsi, b.iscsi, (one, two) => one.iqn === two.iqn) ||
  isSame(
    a.rbd,
    b.rbd,
    (one, two) => one.monitors.some((monitor) => two.monitors.includes(monitor)) && (one.pool ?? 'rbd') === (two.pool ?? 'rbd') && one.image === two.image,
  );

const isSame = <T extends { readOnly?: boolean }>(a: T | undefined, b: T | undefined, same: (a: T, b: T) => boolean): boolean =>
  a !== undefined && b !== undefined && same(a, b) && !(a.readOnly && b.readOnly);
