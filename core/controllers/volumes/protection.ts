import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../apis/core/in-use-protection.ts';
import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

/** A claim that is being deleted stays as long as a pod uses it (Kubernetes documentation, "Storage Object in Use Protection"). */
export const claimProtection: Controller<PersistentVolumeClaim> = {
  name: 'pvc-protection-controller',
  resource: 'persistentvolumeclaims',
  watches: {
    pods: ({ type, object: pod, previous }): readonly Key[] => {
      if (type !== 'DELETED' && previous && isPodTerminal(previous) === isPodTerminal(pod) && previous.spec === pod.spec) return [];
      return claimsOf(pod).map((name) => keyOf('persistentvolumeclaims', pod.metadata.namespace, name));
    },
  },
  reconcile({ object: claim, state }) {
    if (!claim?.metadata.deletionTimestamp) return nothing;
    const { namespace, name } = claim.metadata;
    const inUse = state.keys(podsByClaimInUse, `${namespace}/${name}`).length > 0;
    return inUse ? nothing : release('persistentvolumeclaims', claim, CLAIM_PROTECTION);
  },
};

const podsByClaimInUse = index(['pods'], (_key, pod) =>
  isPodTerminal(pod) || !pod.spec?.nodeName ? [] : claimsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
);

/** A volume that is being deleted stays as long as a claim is bound to it. */
export const volumeProtection: Controller<PersistentVolume> = {
  name: 'pv-protection-controller',
  resource: 'persistentvolumes',
  reconcile: ({ object: volume }) =>
    volume?.metadata.deletionTimestamp && volume.status?.phase !== 'Bound' ? release('persistentvolumes', volume, VOLUME_PROTECTION) : nothing,
};

function release(resource: string, object: PersistentVolumeClaim | PersistentVolume, finalizer: string): ControllerResult {
  const { finalizers = [], ...metadata } = object.metadata;
  if (!finalizers.includes(finalizer)) return nothing;
  const others = finalizers.filter((name) => name !== finalizer);
  return { mutations: [updateTo(resource, { ...object, metadata: { ...metadata, ...(others.length > 0 && { finalizers: others }) } })] };
}
