import type { Volume } from '../../../schema/generated/kinds.ts';
import type { Check, Control } from '../control.ts';
import { listed, plural, sorted, using } from '../wording.ts';

type Source = Exclude<keyof Volume, 'name'>;

const ALLOWED: readonly Source[] = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];

/** A volume of two sources, which validation refuses, goes by the first of these that it has. */
const FORBIDDEN: readonly Source[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

const check: Check = ({ spec: { volumes = [] } }) => {
  const bad = volumes.filter((volume) => !ALLOWED.some((source) => volume[source]));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => FORBIDDEN.find((source) => volume[source]) ?? 'unknown'));
  const names = bad.map(({ name }) => name);
  return { reason: 'restricted volume types', detail: `${using('volume', names)} ${plural('restricted volume type', types.length)} ${listed(types)}` };
};

/** Volumes are of the cluster: what a driver, a claim or the API provides. */
export const restrictedVolumes: Control = { id: 'restrictedVolumes', level: 'restricted', versions: [{ since: 0, check, overrides: 'hostPathVolumes' }] };
