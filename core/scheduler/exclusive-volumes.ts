import type { Pod } from '../schema/generated/kinds.ts';

export type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

/** Whether it is a disk that pods cannot share. */
export const isExclusive = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean =>
  (gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi) !== undefined;
