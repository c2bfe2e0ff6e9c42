import { matchesNodeSelector } from '../../resources/core/node-match.ts';
import { claimsOf } from '../../resources/core/pod-claims.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../resources/generated/kinds.ts';
import { feasible, type Plugin } from '../framework.ts';

/** A pod goes where its volumes are; a claim that waits for its first consumer gets its volume where the pod goes. */
export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter: ({ pod }, { state }) => {
    const { namespace } = pod.metadata;
    for (const name of claimsOf(pod)) {
      const claim = state.get<PersistentVolumeClaim>('persistentvolumeclaims', namespace, name);
      if (!claim) return `persistentvolumeclaim "${name}" not found`;
      if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
      if (claim.spec?.volumeName) continue;
      const storageClass = state.get<StorageClass>('storageclasses.storage.k8s.io', undefined, claim.spec?.storageClassName ?? '');
      if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') return 'pod has unbound immediate PersistentVolumeClaims';
    }
    return undefined;
  },
  filter: ({ pod }, { node }, { state }) => {
    for (const name of claimsOf(pod)) {
      const claim = state.get<PersistentVolumeClaim>('persistentvolumeclaims', pod.metadata.namespace, name);
      const volume = claim?.spec?.volumeName && state.get<PersistentVolume>('persistentvolumes', undefined, claim.spec.volumeName);
      const required = volume && volume.spec?.nodeAffinity?.required;
      if (required && !matchesNodeSelector(required, node)) return ["node(s) didn't match PersistentVolume's node affinity"];
    }
    return feasible;
  },
};
