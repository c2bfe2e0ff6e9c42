import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, nonNegative, oneOf, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume } from '../../schema/generated/kinds.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';

/** Checks a pod's volumes (ValidateVolumes). Answers the names of those that are right too: a mount must name one of them. */
export function validateVolumes(volumes: readonly Volume[], path: string): { names: Set<string>; errors: FieldError[] } {
  const names = new Set<string>();
  const errors: FieldError[] = [];
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const own = [
      ...validateSource(volume, at),
      ...(volume.name ? invalidValues(`${at}.name`, volume.name, label(volume.name)) : [required(`${at}.name`)]),
      ...(names.has(volume.name) ? [duplicate(`${at}.name`, volume.name)] : []),
    ];
    if (own.length) errors.push(...own);
    else names.add(volume.name);
  });
  return { names, errors };
}

type Sources = Omit<Volume, 'name'>;

/** What each kind of volume source must have; the others have nothing that the schema does not ask for already. */
const sources: { [name in keyof Sources]?: (source: NonNullable<Sources[name]>, path: string) => FieldError[] } = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit?.startsWith('-') ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [],
  hostPath: ({ path: directory, type }, path) => [
    ...(directory ? noBacksteps(directory, `${path}.path`) : [required(`${path}.path`)]),
    ...(type ? oneOf(`${path}.type`, type, hostPathTypes) : []),
  ],
  gitRepo: ({ repository, directory }, path) => [
    ...(repository ? [] : [required(`${path}.repository`)]),
    ...(directory ? validateRelativePath(directory, `${path}.directory`) : []),
  ],
  secret: ({ secretName, defaultMode, items }, path) => [
    ...(secretName ? [] : [required(`${path}.secretName`)]),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  configMap: ({ name, defaultMode, items }, path) => [
    ...(name ? [] : [required(`${path}.name`)]),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...validateItems(items, `${path}.items`),
  ],
  downwardAPI: ({ defaultMode, items }, path) => [...validateMode(defaultMode, `${path}.defaultMode`), ...validateFiles(items, path)],
  projected: (source, path) => validateProjected(source, path),
  persistentVolumeClaim: ({ claimName }, path) => (claimName ? [] : [required(`${path}.claimName`)]),
  nfs: ({ server, path: directory }, path) => [
    ...(server ? [] : [required(`${path}.server`)]),
    ...(directory ? [] : [required(`${path}.path`)]),
    ...(directory && !directory.startsWith('/') ? [invalidValue(`${path}.path`, directory, 'must be an absolute path')] : []),
  ],
  csi: ({ driver }, path) => (driver ? invalidValues(`${path}.driver`, driver, subdomain(driver.toLowerCase())) : [required(`${path}.driver`)]),
  ephemeral: ({ volumeClaimTemplate: template }, path) =>
    template ? validateClaimSpec(template.spec ?? {}, `${path}.volumeClaimTemplate.spec`) : [required(`${path}.volumeClaimTemplate`)],
  image: ({ reference, pullPolicy }, path) => [
    ...(reference ? [] : [required(`${path}.reference`)]),
    ...oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
};

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

function validateSource(volume: Volume, path: string): FieldError[] {
  const [first, ...others] = Object.keys(volume).filter((name) => name !== 'name' && volume[name as keyof Volume] !== undefined);
  if (!first) return [required(path, 'must specify a volume type')];
  const check = sources[first as keyof Sources] as ((source: unknown, path: string) => FieldError[]) | undefined;
  return [
    ...(check?.(volume[first as keyof Volume], `${path}.${first}`) ?? []),
    ...others.map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type')),
  ];
}

function validateProjected({ defaultMode, sources: parts = [] }: ProjectedVolumeSource, path: string): FieldError[] {
  return [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...parts.flatMap(({ secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }, i) => {
      const at = `${path}.sources[${i}]`;
      const set = { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate };
      const used = Object.entries(set).filter(([, source]) => source !== undefined);
      return [
        ...used.slice(1).map(([name]) => forbiddenField(`${at}.${name}`, 'may not specify more than 1 volume type per source')),
        ...(used.length ? [] : [required(at, 'must specify a volume type per source')]),
        ...(secret && !secret.name ? [required(`${at}.secret.name`)] : []),
        ...validateItems(secret?.items, `${at}.secret.items`),
        ...(configMap && !configMap.name ? [required(`${at}.configMap.name`)] : []),
        ...validateItems(configMap?.items, `${at}.configMap.items`),
        ...validateFiles(downwardAPI?.items, `${at}.downwardAPI`),
        ...(serviceAccountToken ? validateToken(serviceAccountToken, `${at}.serviceAccountToken`) : []),
      ];
    }),
  ];
}

function validateToken({ expirationSeconds = 3600, path: file }: { expirationSeconds?: number; path: string }, path: string): FieldError[] {
  return [
    ...(expirationSeconds < 600 ? [invalidValue(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(expirationSeconds > 2 ** 32
      ? [invalidValue(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(file ? validateRelativePath(file, `${path}.path`) : [required(`${path}.path`)]),
  ];
}

const validateItems = (items: readonly KeyToPath[] = [], path: string): FieldError[] =>
  items.flatMap(({ key, path: file, mode }, i) => [
    ...(key ? [] : [required(`${path}[${i}].key`)]),
    ...(file ? validateFilePath(file, `${path}[${i}].path`) : [required(`${path}[${i}].path`)]),
    ...validateMode(mode, `${path}[${i}].mode`),
  ]);

const fileFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

// The path of these errors is that of the source, without an index, as in Kubernetes.
const validateFiles = (items: readonly DownwardAPIVolumeFile[] = [], path: string): FieldError[] =>
  items.flatMap(({ path: file, fieldRef, resourceFieldRef, mode }) => [
    ...(file ? validateFilePath(file, `${path}.path`) : [required(`${path}.path`)]),
    ...(fieldRef ? validateFieldRef(fieldRef, fileFields, `${path}.fieldRef`) : []),
    ...(fieldRef && resourceFieldRef ? [invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')] : []),
    ...(!fieldRef && resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, { volume: true }) : []),
    ...(fieldRef || resourceFieldRef ? [] : [required(path, 'one of fieldRef and resourceFieldRef is required')]),
    ...validateMode(mode, `${path}.mode`),
  ]);

const validateMode = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : nonNegative(path, mode);

/** A path that stays below where it starts (validateLocalDescendingPath). */
export const validateRelativePath = (target: string, path: string): FieldError[] => [
  ...(target.startsWith('/') ? [invalidValue(path, target, 'must be a relative path')] : []),
  ...noBacksteps(target, path),
];

// Names that start with two dots are the kubelet's own in such volumes (validateLocalNonReservedPath).
const validateFilePath = (target: string, path: string): FieldError[] => [
  ...validateRelativePath(target, path),
  ...(target.startsWith('..') && !target.startsWith('../') ? [invalidValue(path, target, "must not start with '..'")] : []),
];

const noBacksteps = (target: string, path: string): FieldError[] =>
  target.split('/').includes('..') ? [invalidValue(path, target, "must not contain '..'")] : [];
