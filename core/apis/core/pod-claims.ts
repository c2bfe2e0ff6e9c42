import type { PersistentVolumeClaim, Pod } from '../../schema/generated/kinds.ts';

/** The names of the claims that a pod mounts; a generic ephemeral volume's claim is named after pod and volume. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  const out: string[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
    if (persistentVolumeClaim) out.push(persistentVolumeClaim.claimName);
    else if (ephemeral) out.push(`${metadata.name}-${name}`);
  }
  return out;
}

/** Whether a claim was made for a generic ephemeral volume of the pod, and does not just have its name (component-helpers/storage/ephemeral). */
export const isForPod = ({ metadata }: PersistentVolumeClaim, pod: Pod): boolean =>
  metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === pod.metadata.uid) === true;
