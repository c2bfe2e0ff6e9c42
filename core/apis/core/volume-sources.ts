import { compareQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { inRange, label, subdomain } from '../../kube/validation/names.ts';
import type { Volume } from '../../schema/generated/kinds.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateDriverName } from './driver-name.ts';
import { validateFiles, validateProjected } from './projected-volume.ts';
import { noBacksteps, validateItems, validateMode, validateRelativePath } from './volume-paths.ts';

/** Which kind of volume: the field that describes it. */
export type VolumeSource = Exclude<keyof Volume, 'name'>;

type Check<T> = (source: NonNullable<T>, path: string, options: { template: boolean }) => FieldError[];

/** What each kind of source must have, in the order in which Kubernetes looks at them (validateVolumeSource). */
export const volumeSources: { readonly [name in VolumeSource]-?: Check<Volume[name]> } = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && compareQuantities(sizeLimit, '0') < 0
      ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: ({ path: directory, type }, path) =>
    directory
      ? [
          ...noBacksteps(directory, `${path}.path`),
          ...(type === undefined || hostPathTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, hostPathTypes)]),
        ]
      : [required(`${path}.path`)],
  gitRepo: ({ repository, directory = '' }, path) => [
    ...(repository ? [] : [required(`${path}.repository`)]),
    ...validateRelativePath(directory, `${path}.directory`),
  ],
  gcePersistentDisk: ({ pdName, partition = 0 }, path) => [
    ...(pdName ? [] : [required(`${path}.pdName`)]),
    ...validatePartition(partition, `${path}.partition`),
  ],
  awsElasticBlockStore: ({ volumeID, partition = 0 }, path) => [
    ...(volumeID ? [] : [required(`${path}.volumeID`)]),
    ...validatePartition(partition, `${path}.partition`),
  ],
  secret: ({ secretName, defaultMode, items }, path) => [
    ...(secretName ? [] : [required(`${path}.secretName`)]),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  nfs: ({ server, path: directory = '' }, path) => [
    ...(server ? [] : [required(`${path}.server`)]),
    ...(directory ? [] : [required(`${path}.path`)]),
    ...(directory.startsWith('/') ? [] : [invalidValue(`${path}.path`, directory, 'must be an absolute path')]),
  ],
  iscsi: ({ targetPortal, iqn, lun = 0, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName }, path) => [
    ...(targetPortal ? [] : [required(`${path}.targetPortal`)]),
    ...(iqn ? validateInitiatorName(iqn, `${path}.iqn`) : [required(`${path}.iqn`)]),
    ...invalidValues(`${path}.lun`, lun, inRange(lun, 0, 255)),
    ...((chapAuthDiscovery || chapAuthSession) && !secretRef ? [required(`${path}.secretRef`)] : []),
    ...(initiatorName === undefined ? [] : validateInitiatorName(initiatorName, `${path}.initiatorname`)),
  ],
  glusterfs: ({ endpoints, path: directory }, path) => [
    ...(endpoints ? [] : [required(`${path}.endpoints`)]),
    ...(directory ? [] : [required(`${path}.path`)]),
  ],
  flocker: ({ datasetName = '', datasetUUID = '' }, path) => [
    ...(datasetName || datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')]),
    ...(datasetName && datasetUUID ? [invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []),
    ...(datasetName.includes('/') ? [invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'")] : []),
  ],
  persistentVolumeClaim: ({ claimName }, path) => (claimName ? [] : [required(`${path}.claimName`)]),
  rbd: ({ monitors, image }, path) => [...(monitors?.length ? [] : [required(`${path}.monitors`)]), ...(image ? [] : [required(`${path}.image`)])],
  cinder: ({ volumeID, secretRef }, path) => [
    ...(volumeID ? [] : [required(`${path}.volumeID`)]),
    ...(secretRef && !secretRef.name ? [required(`${path}.secretRef.name`)] : []),
  ],
  cephfs: ({ monitors }, path) => (monitors?.length ? [] : [required(`${path}.monitors`)]),
  quobyte: ({ registry = '', tenant = '', volume }, path) => [...validateQuobyte(registry, tenant, path), ...(volume ? [] : [required(`${path}.volume`)])],
  downwardAPI: ({ defaultMode, items }, path) => [...validateMode(defaultMode, `${path}.defaultMode`), ...validateFiles(items, path)],
  fc: ({ targetWWNs = [], wwids = [], lun }, path) => [
    ...(targetWWNs.length || wwids.length ? [] : [required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]),
    ...(targetWWNs.length && wwids.length ? [invalidValue(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(targetWWNs.length && lun === undefined ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')] : []),
    ...(targetWWNs.length && lun !== undefined ? invalidValues(`${path}.lun`, lun, inRange(lun, 0, 255)) : []),
  ],
  flexVolume: ({ driver, options = {} }, path) => [
    ...(driver ? [] : [required(`${path}.driver`)]),
    ...Object.keys(options)
      .filter((key) => /(^|\.)(kubernetes|k8s)\.io$/i.test(key.split('/')[0]!))
      .map((key) => invalidValue(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')),
  ],
  configMap: ({ name, defaultMode, items }, path) => [
    ...(name ? [] : [required(`${path}.name`)]),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  azureFile: ({ secretName, shareName }, path) => [
    ...(secretName ? [] : [required(`${path}.secretName`)]),
    ...(shareName ? [] : [required(`${path}.shareName`)]),
  ],
  vsphereVolume: ({ volumePath }, path) => (volumePath ? [] : [required(`${path}.volumePath`)]),
  photonPersistentDisk: ({ pdID }, path) => (pdID ? [] : [required(`${path}.pdID`)]),
  portworxVolume: ({ volumeID }, path) => (volumeID ? [] : [required(`${path}.volumeID`)]),
  azureDisk: ({ diskName, diskURI = '', cachingMode, kind }, path) => [
    ...(diskName ? [] : [required(`${path}.diskName`)]),
    ...(diskURI ? [] : [required(`${path}.diskURI`)]),
    ...(cachingMode === undefined || cachingModes.includes(cachingMode) ? [] : [notSupported(`${path}.cachingMode`, cachingMode, cachingModes)]),
    ...(kind === undefined || diskKinds.includes(kind) ? [] : [notSupported(`${path}.kind`, kind, diskKinds)]),
    ...validateDiskUri(kind, diskURI, `${path}.diskURI`),
  ],
  storageos: ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...(volumeName ? invalidValues(`${path}.volumeName`, volumeName, label(volumeName)) : [required(`${path}.volumeName`)]),
    ...(volumeNamespace ? invalidValues(`${path}.volumeNamespace`, volumeNamespace, label(volumeNamespace)) : []),
    ...(secretRef && !secretRef.name ? [required(`${path}.secretRef.name`)] : []),
  ],
  projected: validateProjected,
  scaleIO: ({ gateway, system, volumeName }, path) => [
    ...(gateway ? [] : [required(`${path}.gateway`)]),
    ...(system ? [] : [required(`${path}.system`)]),
    ...(volumeName ? [] : [required(`${path}.volumeName`)]),
  ],
  csi: ({ driver, nodePublishSecretRef: secret }, path) => [
    ...validateDriverName(driver, `${path}.driver`),
    ...(secret && !secret.name ? [required(`${path}.nodePublishSecretRef.name`)] : []),
    ...(secret?.name ? invalidValues(`${path}.name`, secret.name, subdomain(secret.name)) : []),
  ],
  ephemeral: ({ volumeClaimTemplate: template }, path) =>
    template ? validateClaimSpec(template.spec ?? {}, `${path}.volumeClaimTemplate.spec`) : [required(`${path}.volumeClaimTemplate`)],
  image: ({ reference, pullPolicy }, path, { template }) => [
    ...(template || reference ? [] : [required(`${path}.reference`)]),
    ...oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
};

const hostPathTypes: readonly string[] = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const cachingModes: readonly string[] = ['None', 'ReadOnly', 'ReadWrite'];
const diskKinds: readonly string[] = ['Dedicated', 'Managed', 'Shared'];

// 0 is allowed, whatever the text says.
const validatePartition = (partition: number, path: string): FieldError[] =>
  partition < 0 || partition > 255 ? [invalidValue(path, partition, 'must be between 1 and 255, inclusive')] : [];

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([-.0-9A-Za-z]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[0-9A-Za-z]{16}$/,
  naa: /^naa.[0-9A-Za-z]{32}$/,
};

function validateInitiatorName(name: string, path: string): FieldError[] {
  const pattern = initiators[name.slice(0, 3)];
  if (!pattern) return [invalidValue(path, name, 'must be valid format starting with iqn, eui, or naa')];
  return pattern.test(name) ? [] : [invalidValue(path, name, 'must be valid format')];
}

const HOST_PORT = 'must be a host:port pair or multiple pairs separated by commas';

function validateQuobyte(registry: string, tenant: string, path: string): FieldError[] {
  if (!registry) return [required(`${path}.registry`, HOST_PORT)];
  if (tenant.length >= 65) return [required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')];
  return registry.split(',').flatMap((pair) => (isHostPort(pair) ? [] : [invalidValue(`${path}.registry`, registry, HOST_PORT)]));
}

/** What net.SplitHostPort takes apart: one colon outside of brackets. */
const isHostPort = (pair: string): boolean => /^(\[[^[\]]*\]|[^[\]:]*):[^[\]:]*$/.test(pair);

function validateDiskUri(kind: string | undefined, uri: string, path: string): FieldError[] {
  if (kind === undefined) return [];
  const [prefix, shown] =
    kind === 'Managed'
      ? ['/subscriptions/', '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}']
      : ['https://', 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'];
  return uri.startsWith(prefix) ? [] : [notSupported(path, uri, [shown])];
}
