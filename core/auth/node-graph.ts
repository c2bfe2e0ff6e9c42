import { claimsOf } from '../apis/core/pod-claims.ts';
import { configMapsOf, resourceClaimsOf, secretsOf } from '../apis/core/pod-references.ts';
import type { PersistentVolume, Pod } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';

/** What of the cluster leads to a node, and by way of what (plugin/pkg/auth/authorizer/node/graph.go). */
export type Related = 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'persistentvolumes' | 'pods' | 'serviceaccounts' | ByResource;
type ByResource = 'resourceclaims.resource.k8s.io' | 'resourceslices.resource.k8s.io' | 'volumeattachments.storage.k8s.io';

/** Whether an object leads to a node: a pod there needs it, or it names the node. What is looked up is as large as what leads there, not as the cluster. */
export function leadsTo(node: string, resource: Related, namespace: string, name: string, state: State): boolean {
  switch (resource) {
    case 'pods':
      return state.get('pods', namespace, name)?.spec?.nodeName === node;
    case 'volumeattachments.storage.k8s.io':
    case 'resourceslices.resource.k8s.io':
      return state.get(resource, undefined, name)?.spec?.nodeName === node;
    case 'persistentvolumes': {
      const volume = state.get('persistentvolumes', undefined, name);
      return volume !== undefined && volumeLeadsTo(node, volume, state);
    }
    case 'secrets':
      return (
        isNeeded(node, resource, namespace, name, state) ||
        state.by(volumesBySecret, `${namespace}/${name}`).some((volume) => volumeLeadsTo(node, volume, state))
      );
    default:
      return isNeeded(node, resource, namespace, name, state);
  }
}

const isNeeded = (node: string, resource: Related, namespace: string, name: string, state: State): boolean =>
  state.keys(needs, need(node, resource, namespace, name)).length > 0;

const volumeLeadsTo = (node: string, { spec }: PersistentVolume, state: State): boolean =>
  spec?.claimRef !== undefined && isNeeded(node, 'persistentvolumeclaims', spec.claimRef.namespace ?? '', spec.claimRef.name ?? '', state);

/** Pods by what they make their node need. */
const needs = index(['pods'], (_key, pod) => {
  const { nodeName } = pod.spec ?? {};
  // A mirror pod is the node's own doing: it must not get the node anything.
  if (!nodeName || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [];
  return [...new Set(neededBy(pod).flatMap(([resource, names]) => names.map((name) => need(nodeName, resource, pod.metadata.namespace!, name))))];
});

const need = (node: string, resource: Related, namespace: string, name: string): string => `${node} ${resource} ${namespace}/${name}`;

const neededBy = (pod: Pod): [Related, string[]][] => [
  ['serviceaccounts', pod.spec?.serviceAccountName ? [pod.spec.serviceAccountName] : []],
  ['secrets', secretsOf(pod.spec!)],
  ['configmaps', configMapsOf(pod.spec!)],
  ['persistentvolumeclaims', claimsOf(pod)],
  ['resourceclaims.resource.k8s.io', resourceClaimsOf(pod)],
];

/** PersistentVolumes by the Secrets with which a kubelet mounts them, `namespace/name` (pkg/api/v1/persistentvolume, VisitPVSecretNames: those that a kubelet may see). */
const volumesBySecret = index(['persistentvolumes'], (_key, { spec }) => {
  if (!spec?.claimRef) return [];
  const { azureFile, cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos, csi, claimRef } = spec;
  const ofClaim = claimRef.namespace;
  return [
    { namespace: azureFile?.secretNamespace || ofClaim, name: azureFile?.secretName },
    ...[cephfs, flexVolume, rbd, scaleIO, iscsi].map((source) => ({ namespace: source?.secretRef?.namespace || ofClaim, name: source?.secretRef?.name })),
    ...[cinder?.secretRef, storageos?.secretRef, csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef].map((secret) => ({ ...secret })),
  ].flatMap(({ namespace = '', name }) => (name ? [`${namespace}/${name}`] : []));
});
