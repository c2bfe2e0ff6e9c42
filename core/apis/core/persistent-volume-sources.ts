import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, inRangeErrors, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import type { PersistentVolumeSpec, SecretReference } from '../../schema/generated/kinds.ts';
import { validateCsiDriverName } from '../storage/class-parameters.ts';

/** What each kind of source of a PersistentVolume must have (ValidatePersistentVolumeSpec). */

type Sources = Pick<PersistentVolumeSpec, SourceName>;
type Check<N extends SourceName> = (source: NonNullable<Sources[N]>, path: string, volume: string) => FieldError[];

/** In the order in which Kubernetes looks at them: of several, the first is checked and the others are refused. */
const checks: { readonly [N in SourceName]: Check<N> } = {
  hostPath: ({ path: directory, type }, path) => [
    ...(directory ? noBacksteps(directory, `${path}.path`) : [required(`${path}.path`)]),
    ...(directory && type && !HOST_PATH_TYPES.includes(type) ? [notSupported(`${path}.type`, type, HOST_PATH_TYPES)] : []),
  ],
  gcePersistentDisk: ({ pdName, partition }, path) => [...needs({ pdName }, path), ...validatePartition(partition, path)],
  awsElasticBlockStore: ({ volumeID, partition }, path) => [...needs({ volumeID }, path), ...validatePartition(partition, path)],
  glusterfs: ({ endpoints, path: directory, endpointsNamespace }, path) => [
    ...needs({ endpoints, path: directory }, path),
    ...(endpointsNamespace === ''
      ? [invalidValue(`${path}.endpointsNamespace`, '', 'if the endpointnamespace is set, it must be a valid namespace name')]
      : []),
    ...(endpointsNamespace ? invalidValues(`${path}.endpointsNamespace`, endpointsNamespace, label(endpointsNamespace)) : []),
  ],
  flocker: ({ datasetName, datasetUUID }, path) => [
    ...(datasetName || datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')]),
    ...(datasetName && datasetUUID ? [invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []),
    ...(datasetName?.includes('/') ? [invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'")] : []),
  ],
  nfs: ({ server, path: directory }, path) => [
    ...needs({ server, path: directory }, path),
    ...(directory?.startsWith('/') ? [] : [invalidValue(`${path}.path`, directory ?? '', 'must be an absolute path')]),
  ],
  rbd: ({ monitors, image }, path) => needs({ monitors: monitors?.length, image }, path),
  quobyte: ({ registry, tenant = '', volume }, path) => [
    ...(registry ? validateQuobyte(registry, tenant, path) : [required(`${path}.registry`, HOST_AND_PORT)]),
    ...needs({ volume }, path),
  ],
  cephfs: ({ monitors }, path) => needs({ monitors: monitors?.length }, path),
  iscsi: (source, path, volume) => {
    const { targetPortal, initiatorName, iqn, lun = 0, chapAuthDiscovery, chapAuthSession, secretRef } = source;
    return [
      ...needs({ targetPortal }, path),
      ...(initiatorName !== undefined && Buffer.byteLength(`${volume}:${targetPortal}`) > 64
        ? [
            invalidValue(
              `${path}.targetportal`,
              targetPortal,
              'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
            ),
          ]
        : []),
      ...(iqn ? validateIscsiName(iqn, `${path}.iqn`) : [required(`${path}.iqn`)]),
      ...inRangeErrors(`${path}.lun`, lun, 0, 255),
      ...((chapAuthDiscovery || chapAuthSession) && !secretRef ? [required(`${path}.secretRef`)] : []),
      ...(secretRef ? needs({ name: secretRef.name }, `${path}.secretRef`) : []),
      ...(initiatorName === undefined ? [] : validateIscsiName(initiatorName, `${path}.initiatorname`)),
    ];
  },
  cinder: ({ volumeID, secretRef }, path) => [...needs({ volumeID }, path), ...(secretRef ? needsBoth(secretRef, `${path}.secretRef`) : [])],
  fc: ({ targetWWNs = [], wwids = [], lun }, path) => [
    ...(targetWWNs.length || wwids.length ? [] : [required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]),
    ...(targetWWNs.length && wwids.length ? [invalidValue(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(targetWWNs.length && lun === undefined ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')] : []),
    ...(targetWWNs.length ? inRangeErrors(`${path}.lun`, lun, 0, 255) : []),
  ],
  flexVolume: ({ driver, options = {} }, path) => [
    ...needs({ driver }, path),
    ...Object.keys(options).flatMap((key) =>
      /(^|\.)(kubernetes|k8s)\.io$/.test(key.split('/')[0]!.toLowerCase())
        ? [invalidValue(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
        : [],
    ),
  ],
  azureFile: ({ secretName, shareName, secretNamespace }, path) => [
    ...needs({ secretName, shareName }, path),
    ...(secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ],
  vsphereVolume: ({ volumePath }, path) => needs({ volumePath }, path),
  photonPersistentDisk: ({ pdID }, path) => needs({ pdID }, path),
  portworxVolume: ({ volumeID }, path) => needs({ volumeID }, path),
  azureDisk: ({ diskName, diskURI, cachingMode, kind }, path) => [
    ...needs({ diskName, diskURI }, path),
    ...(cachingMode === undefined || CACHING_MODES.includes(cachingMode) ? [] : [notSupported(`${path}.cachingMode`, cachingMode, CACHING_MODES)]),
    ...(kind === undefined || DISK_KINDS.includes(kind) ? [] : [notSupported(`${path}.kind`, kind, DISK_KINDS)]),
    ...(kind === undefined ? [] : validateDiskUri(diskURI ?? '', kind === 'Managed', `${path}.diskURI`)),
  ],
  scaleIO: ({ gateway, system, volumeName }, path) => needs({ gateway, system, volumeName }, path),
  local: ({ path: directory }, path) => (directory ? noBacksteps(directory, `${path}.path`) : [required(`${path}.path`)]),
  storageos: ({ volumeName, volumeNamespace, secretRef }, path) => [
    ...(volumeName ? invalidValues(`${path}.volumeName`, volumeName, label(volumeName)) : [required(`${path}.volumeName`)]),
    ...(volumeNamespace ? invalidValues(`${path}.volumeNamespace`, volumeNamespace, label(volumeNamespace)) : []),
    ...(secretRef ? needsBoth(secretRef, `${path}.secretRef`) : []),
  ],
  csi: (source, path) => [
    ...validateCsiDriverName(source.driver, `${path}.driver`),
    ...needs({ volumeHandle: source.volumeHandle }, path),
    ...(['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const).flatMap((name) =>
      source[name] ? validateSecret(source[name], `${path}.${name}`) : [],
    ),
  ],
};

export type SourceName =
  | 'awsElasticBlockStore'
  | 'azureDisk'
  | 'azureFile'
  | 'cephfs'
  | 'cinder'
  | 'csi'
  | 'fc'
  | 'flexVolume'
  | 'flocker'
  | 'gcePersistentDisk'
  | 'glusterfs'
  | 'hostPath'
  | 'iscsi'
  | 'local'
  | 'nfs'
  | 'photonPersistentDisk'
  | 'portworxVolume'
  | 'quobyte'
  | 'rbd'
  | 'scaleIO'
  | 'storageos'
  | 'vsphereVolume';

const names = Object.keys(checks) as SourceName[];

/** Checks the source: one, and what that one must have. `volume` is the name of the PersistentVolume. */
export function validateSource(spec: PersistentVolumeSpec, path: string, volume: string): FieldError[] {
  const errors: FieldError[] = [];
  let found = 0;
  for (const name of names) {
    const source = spec[name];
    if (source === undefined) continue;
    // Kubernetes lets a flexVolume stand beside others.
    if (found > 0 && name !== 'flexVolume') errors.push(forbiddenField(`${path}.${forbiddenNames[name] ?? name}`, 'may not specify more than 1 volume type'));
    else
      errors.push(
        ...(checks[name] as (source: unknown, path: string, volume: string) => FieldError[])(source, `${path}.${checkedNames[name] ?? name}`, volume),
      );
    if (found === 0 && name === 'local' && !spec.nodeAffinity) errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'));
    found++;
  }
  return found ? errors : [...errors, required(path, 'must specify a volume type')];
}

/** Some paths are not those of the fields. */
const checkedNames: Partial<Record<SourceName, string>> = { gcePersistentDisk: 'persistentDisk' };
const forbiddenNames: Partial<Record<SourceName, string>> = { cephfs: 'cephFS' };

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const HOST_AND_PORT = 'must be a host:port pair or multiple pairs separated by commas';

const needs = (fields: Record<string, unknown>, path: string): FieldError[] =>
  Object.entries(fields).flatMap(([name, value]) => (value ? [] : [required(`${path}.${name}`)]));

const needsBoth = ({ name, namespace }: SecretReference, path: string): FieldError[] => needs({ name, namespace }, path);

const validateSecret = ({ name, namespace }: SecretReference, path: string): FieldError[] => [
  ...(name ? invalidValues(`${path}.name`, name, subdomain(name)) : [required(`${path}.name`)]),
  ...(namespace ? invalidValues(`${path}.namespace`, namespace, label(namespace)) : [required(`${path}.namespace`)]),
];

const validatePartition = (partition = 0, path: string): FieldError[] =>
  partition < 0 || partition > 255 ? [invalidValue(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')] : [];

const noBacksteps = (target: string, path: string): FieldError[] =>
  target.split('/').includes('..') ? [invalidValue(path, target, "must not contain '..'")] : [];

function validateQuobyte(registry: string, tenant: string, path: string): FieldError[] {
  if (Buffer.byteLength(tenant) >= 65) return [required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')];
  return registry
    .split(',')
    .flatMap((pair) => (/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair) ? [] : [invalidValue(`${path}.registry`, registry, HOST_AND_PORT)]));
}

/** RFC 3720, section 3.2.6.3. */
const iscsiNames: readonly (readonly [prefix: string, pattern: RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/],
  ['eui', /^eui.[0-9A-Za-z]{16}$/],
  ['naa', /^naa.[0-9A-Za-z]{32}$/],
];

function validateIscsiName(name: string, path: string): FieldError[] {
  const form = iscsiNames.find(([prefix]) => name.startsWith(prefix));
  return form?.[1].test(name) ? [] : [invalidValue(path, name, 'must be valid format')];
}

function validateDiskUri(uri: string, managed: boolean, path: string): FieldError[] {
  if (managed) {
    return uri.startsWith('/subscriptions/')
      ? []
      : [notSupported(path, uri, ['/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'])];
  }
  return uri.startsWith('https://') ? [] : [notSupported(path, uri, ['https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'])];
}
