import { ATTRIBUTES_PROTECTION, CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../apis/core/in-use-protection.ts';
import { podsByClaim } from '../../apis/core/pods-by-claim.ts';
import { type GroupResource, type Key, type KubeObject, keyOf } from '../../kube/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus, VolumeAttributesClass } from '../../schema/generated/kinds.ts';
import type { KindOf } from '../../schema/kind-of.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { updateTo } from '../shared/mutations.ts';
import { claimKeysOf, isUseChanged } from './claims-in-use.ts';

/** A claim that is being deleted stays as long as a pod uses it (Kubernetes documentation, "Storage Object in Use Protection"). */
export const claimProtection: Controller<PersistentVolumeClaim> = {
  name: 'pvc-protection-controller',
  resource: 'persistentvolumeclaims',
  watches: {
    pods: (change) => (isUseChanged(change) ? claimKeysOf(change.object) : []),
  },
  reconcile({ object: claim, state }) {
    if (!claim) return nothing;
    const { namespace, name } = claim.metadata;
    return protect('persistentvolumeclaims', claim, CLAIM_PROTECTION, () => state.keys(podsByClaim, `${namespace}/${name}`).length > 0);
  },
};

/** A volume that is being deleted stays as long as a claim is bound to it. */
export const volumeProtection: Controller<PersistentVolume> = {
  name: 'pv-protection-controller',
  resource: 'persistentvolumes',
  reconcile: ({ object: volume }) => (volume ? protect('persistentvolumes', volume, VOLUME_PROTECTION, () => volume.status?.phase === 'Bound') : nothing),
};

/** A class of attributes that is being deleted stays as long as a claim or a volume has them, or is to have them. */
export const attributesClassProtection: Controller<VolumeAttributesClass> = {
  name: 'volumeattributesclass-protection-controller',
  resource: 'volumeattributesclasses.storage.k8s.io',
  watches: {
    persistentvolumeclaims: ({ object, previous }) => classKeys([...classesOf(object), ...(previous ? classesOf(previous) : [])]),
    persistentvolumes: ({ object, previous }) => classKeys([...classesOf(object), ...(previous ? classesOf(previous) : [])]),
  },
  reconcile: ({ object, state }) =>
    object
      ? protect(
          'volumeattributesclasses.storage.k8s.io',
          object,
          ATTRIBUTES_PROTECTION,
          () => state.keys(usersByAttributesClass, object.metadata.name).length > 0,
        )
      : nothing,
};

const classKeys = (names: readonly string[]): Key[] => [...new Set(names)].map((name) => keyOf('volumeattributesclasses.storage.k8s.io', undefined, name));

const usersByAttributesClass = index(['persistentvolumeclaims', 'persistentvolumes'], (_key, object) => [...new Set(classesOf(object))]);

function classesOf({ spec, status }: PersistentVolumeClaim | PersistentVolume): string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus }: Partial<PersistentVolumeClaimStatus> = status ?? {};
  return [spec?.volumeAttributesClassName, currentVolumeAttributesClassName, modifyVolumeStatus?.targetVolumeAttributesClassName].filter(
    (name) => !!name,
  ) as string[];
}

/** The finalizer is put back where a client took it off, and taken off what goes and is not in use. */
function protect(resource: Protected, object: KindOf<Protected>, finalizer: string, isInUse: () => boolean): ControllerResult {
  const has = hasFinalizer(object, finalizer);
  const changed = object.metadata.deletionTimestamp
    ? has && !isInUse() && withoutFinalizer<KubeObject>(object, finalizer)
    : !has && withFinalizer<KubeObject>(object, finalizer);
  return changed ? { mutations: [updateTo<GroupResource, KubeObject>(resource, changed)] } : nothing;
}

type Protected = 'persistentvolumeclaims' | 'persistentvolumes' | 'volumeattributesclasses.storage.k8s.io';
