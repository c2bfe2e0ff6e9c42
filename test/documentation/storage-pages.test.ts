import { expect, it } from 'vitest';
import type { Cluster } from '../../core/testing/cluster.ts';
import { wholeCluster } from '../../core/testing/whole-cluster.ts';
import { storagePages } from './storage-pages.ts';

it.each(storagePages)('$page: $about', async ({ applied, next, ends }) => {
  const cluster = await wholeCluster(applied);
  await next?.(cluster);
  await cluster.settle();
  await cluster.runUntil(cluster.now + 60_000);
  expect(state(cluster)).toEqual(ends);
});

/** A line for each claim, volume and pod, as kubectl lists them. */
function state(cluster: Cluster): string[] {
  const line = (...words: readonly (string | undefined)[]) => words.filter(Boolean).join(' ');
  const named = (name: string | undefined) => name?.replace(/^pvc-.*/, 'made');
  const phase = ({ metadata, status }: { metadata: { deletionTimestamp?: string }; status?: { phase?: string } }) =>
    metadata.deletionTimestamp ? 'Terminating' : status?.phase;
  return [
    ...cluster
      .list('persistentvolumeclaims')
      .map((claim) =>
        line(
          'claim',
          claim.metadata.name,
          phase(claim),
          named(claim.spec!.volumeName),
          claim.status?.capacity?.['storage'],
          claim.status?.currentVolumeAttributesClassName,
        ),
      ),
    ...cluster.list('persistentvolumes').map((volume) => line('volume', named(volume.metadata.name), phase(volume))),
    ...cluster.pods.map((pod) => line('pod', pod.metadata.name, phase(pod), pod.status?.containerStatuses?.[0]?.state?.waiting?.reason)),
  ];
}
