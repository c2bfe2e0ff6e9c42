import { creation } from '../../apis/mutation.ts';
import { controllerOf, controllerRef, type Key, keyOf } from '../../kube/object.ts';
import type { PersistentVolumeClaim, Pod } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';

/** Makes the claims of generic ephemeral volumes, which live as long as their pod (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController: Controller<Pod> = {
  name: 'ephemeral-volume-controller',
  resource: 'pods',
  watches: {
    persistentvolumeclaims: ({ type, object }): readonly Key[] => {
      const owner = type === 'DELETED' ? controllerOf(object) : undefined;
      return owner?.kind === 'Pod' ? [keyOf('pods', object.metadata.namespace, owner.name)] : [];
    },
  },
  reconcile({ object: pod, state }) {
    if (!pod || pod.metadata.deletionTimestamp) return nothing;
    const missing = (pod.spec?.volumes ?? []).flatMap(({ name, ephemeral }) =>
      ephemeral?.volumeClaimTemplate ? [claimFor(pod, name, ephemeral.volumeClaimTemplate)] : [],
    );
    return {
      mutations: missing
        .filter(({ metadata }) => !state.get('persistentvolumeclaims', metadata.namespace, metadata.name))
        .map((object) => creation('persistentvolumeclaims', object)),
    };
  },
};

function claimFor(
  pod: Pod,
  volume: string,
  { metadata, spec }: Pick<PersistentVolumeClaim, 'spec'> & { metadata?: Partial<PersistentVolumeClaim['metadata']> },
): PersistentVolumeClaim {
  const { labels, annotations } = metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${pod.metadata.name}-${volume}`,
      namespace: pod.metadata.namespace!,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ownerReferences: [controllerRef(pod)],
    },
    ...(spec && { spec }),
  };
}
