import type { PersistentVolumeClaim, Pod, Volume } from '../../schema/generated/kinds.ts';

/** The names of the claims that a pod mounts. */
export function claimsOf(pod: Pod): string[] {
  const out: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const claim = claimOfVolume(pod, volume);
    if (claim !== undefined) out.push(claim);
  }
  return out;
}

/** The claim of one volume of a pod, if it has one; a generic ephemeral volume's is named after pod and volume. */
export const claimOfVolume = ({ metadata }: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined =>
  persistentVolumeClaim ? persistentVolumeClaim.claimName : ephemeral ? `${metadata.name}-${name}` : undefined;

/** Whether a claim was made for a generic ephemeral volume of the pod, and does not just have its name (component-helpers/storage/ephemeral). */
export const isForPod = ({ metadata }: PersistentVolumeClaim, pod: Pod): boolean =>
  metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === pod.metadata.uid) === true;
