import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { PodInfo } from './pod-info.ts';

/** Whether a pod has something to itself among all pods that use the same: a claim, or a disk on its node. */
export const hasExclusiveVolume = ({ pod, claims }: PodInfo, state: State): boolean =>
  pod.spec!.volumes?.some(isExclusive) === true || claims.some((name) => isForOnePod(pod.metadata.namespace, name, state));

/** Whether a claim is one pod's alone. */
export const isForOnePod = (namespace: string | undefined, claim: string, state: State): boolean =>
  state.get('persistentvolumeclaims', namespace, claim)?.spec?.accessModes?.includes('ReadWriteOncePod') === true;

export type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

/** Whether it is a disk that pods cannot share. */
export const isExclusive = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean =>
  (gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi) !== undefined;
