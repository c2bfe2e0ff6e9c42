import type { Pod } from '../generated/kinds.ts';

/** The names of the claims that a pod mounts; a generic ephemeral volume's claim is named after pod and volume. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  const out: string[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
    if (persistentVolumeClaim) out.push(persistentVolumeClaim.claimName);
    else if (ephemeral) out.push(`${metadata.name}-${name}`);
  }
  return out;
}
