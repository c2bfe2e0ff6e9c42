import { controllerRef, same } from '../../kube/object.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet, Volume } from '../../schema/generated/kinds.ts';
import { podFromTemplate, podPrefix } from '../shared/pod-from-template.ts';
import { templateOf } from '../shared/revision-history.ts';

/** The names, labels and volumes by which the pods of a StatefulSet are told apart (stateful_set_utils.go). */

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
const REVISION = 'controller-revision-hash';

export const revisionLabel = (pod: Pod): string => pod.metadata.labels?.[REVISION] ?? '';

/** The number at the end of a pod's name; -1 when it has none. */
export const ordinalOf = (pod: Pod): number => Number(/-([0-9]+)$/.exec(pod.metadata.name)?.[1] ?? -1);

/** Whether a pod has the name of one of the set's. */
export const isMember = (set: StatefulSet, pod: Pod): boolean => pod.metadata.name.replace(/-[0-9]+$/, '') === set.metadata.name && ordinalOf(pod) >= 0;

/** The ordinals that the set should have: from `start`, up to and without `end`. */
export function ordinalRange({ spec }: StatefulSet): { start: number; end: number } {
  const start = spec?.ordinals?.start ?? 0;
  return { start, end: start + (spec?.replicas ?? 1) };
}

/** The pod of an ordinal, made from a revision of the template. */
export function podOf(set: StatefulSet, ordinal: number, revision: ControllerRevision): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podFromTemplate({ template: templateOf(revision), owner: set, name, generateName: podPrefix(set) });
  const volumes = claimsOf(set, ordinal).map(({ volume, claim }): Volume => ({ name: volume, persistentVolumeClaim: { claimName: claim.metadata.name } }));
  const others = pod.spec?.volumes?.filter((other) => !volumes.some((volume) => volume.name === other.name)) ?? [];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...identityLabels(name, ordinal), [REVISION]: revision.metadata.name } },
    spec: {
      ...pod.spec!,
      hostname: name,
      ...(set.spec!.serviceName && { subdomain: set.spec!.serviceName }),
      ...(volumes.length + others.length > 0 && { volumes: [...volumes, ...others] }),
    },
  };
}

/** The pod with its identity put right; the same one when it is right. */
export function withIdentity(pod: Pod): Pod {
  const labels = { ...pod.metadata.labels, ...identityLabels(pod.metadata.name, ordinalOf(pod)) };
  return same(labels, pod.metadata.labels) ? pod : { ...pod, metadata: { ...pod.metadata, labels } };
}

/** The claims of an ordinal, each with the volume that uses it. */
export function claimsOf(set: StatefulSet, ordinal: number): { volume: string; claim: PersistentVolumeClaim }[] {
  return (set.spec!.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
    const { labels, annotations } = metadata;
    return {
      volume: metadata.name,
      claim: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: `${metadata.name}-${set.metadata.name}-${ordinal}`,
          namespace: set.metadata.namespace!,
          labels: { ...labels, ...set.spec!.selector.matchLabels },
          ...(annotations && { annotations }),
          ...(set.spec!.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete' && { ownerReferences: [controllerRef(set)] }),
        },
        ...(spec && { spec }),
      },
    };
  });
}

const identityLabels = (name: string, ordinal: number): Record<string, string> => ({ [POD_NAME]: name, [POD_INDEX]: String(ordinal) });
