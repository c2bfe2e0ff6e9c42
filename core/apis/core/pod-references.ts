import type { Container, Pod, PodSpec, Volume } from '../../schema/generated/kinds.ts';
import { containersOf } from './pod-containers.ts';

/** The names of the Secrets that a pod refers to itself, not by way of a claim (pkg/api/v1/pod, VisitPodSecretNames). A name may come twice. */
export const secretsOf = (spec: PodSpec): string[] =>
  named([
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(spec).flatMap(({ container }) => secretsOfContainer(container)),
    ...(spec.volumes ?? []).flatMap(secretsOfVolume),
  ]);

/** The names of the ConfigMaps that a pod refers to (VisitPodConfigmapNames). A name may come twice. */
export const configMapsOf = (spec: PodSpec): string[] =>
  named([
    ...containersOf(spec).flatMap(({ container: { env = [], envFrom = [] } }) => [
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    ...(spec.volumes ?? []).flatMap(({ projected, configMap }) => [...(projected?.sources ?? []).map((source) => source.configMap?.name), configMap?.name]),
  ]);

/** The names of the ResourceClaims that a pod has; one that is still to be made of a template has no name yet (dynamic-resource-allocation/resourceclaim). */
export function resourceClaimsOf({ spec, status }: Pod): string[] {
  const made = new Map((status?.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => [name, resourceClaimName]));
  return named([
    ...(spec?.resourceClaims ?? []).map(({ name, resourceClaimName }) => resourceClaimName ?? made.get(name)),
    status?.extendedResourceClaimStatus?.resourceClaimName,
  ]);
}

const secretsOfContainer = ({ env = [], envFrom = [] }: Container): (string | undefined)[] => [
  ...envFrom.map(({ secretRef }) => secretRef?.name),
  ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
];

const secretsOfVolume = ({ azureFile, cephfs, cinder, flexVolume, projected, rbd, secret, scaleIO, iscsi, storageos, csi }: Volume): (string | undefined)[] => [
  azureFile?.secretName,
  ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef?.name),
  ...(projected?.sources ?? []).map((source) => source.secret?.name),
  secret?.secretName,
  csi?.nodePublishSecretRef?.name,
];

const named = (names: readonly (string | undefined)[]): string[] => names.filter((name) => name !== undefined && name !== '') as string[];

/** The first kind of API objects that a pod would make its node need, in the words of an error; undefined: it needs none (pkg/api/pod, HasAPIObjectReference). */
export function apiObjectsOf(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (secretsOf(spec).length > 0) return 'secrets';
  if (configMapsOf(spec).length > 0) return 'configmaps';
  if (spec.resourceClaims?.length) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const what = apiObjectsOfVolume(volume);
    if (what) return what;
  }
  return undefined;
}

function apiObjectsOfVolume({ configMap, secret, csi, glusterfs, persistentVolumeClaim, ephemeral, azureFile, projected }: Volume): string | undefined {
  if (configMap) return 'configmaps (via configmap volumes)';
  if (secret) return 'secrets (via secret volumes)';
  if (csi) return 'csidrivers (via CSI volumes)';
  if (glusterfs) return 'endpoints (via glusterFS volumes)';
  if (persistentVolumeClaim) return 'persistentvolumeclaims';
  if (ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)';
  if (azureFile) return 'secrets (via azureFile volumes)';
  for (const source of projected?.sources ?? []) {
    if (source.configMap) return 'configmaps (via projected volumes)';
    if (source.secret) return 'secrets (via projected volumes)';
    if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)';
    if (source.clusterTrustBundle) return 'clustertrustbundles';
    if (source.podCertificate) return 'podcertificates';
  }
  return undefined;
}
