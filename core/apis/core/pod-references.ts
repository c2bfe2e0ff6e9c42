import type { Container, PodSpec, Volume } from '../../schema/generated/kinds.ts';
import { containersOf } from './pod-containers.ts';

/** The names of the Secrets that a pod refers to itself, not by way of a claim (pkg/api/v1/pod, VisitPodSecretNames). A name may come twice. */
export const secretsOf = (spec: PodSpec): string[] =>
  named([
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(spec).flatMap(({ container }) => secretsOfContainer(container)),
    ...(spec.volumes ?? []).flatMap(secretsOfVolume),
  ]);

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
