import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, required } from '../../kube/validation/field.ts';
import type { DownwardAPIVolumeFile, ProjectedVolumeSource, ServiceAccountTokenProjection } from '../../schema/generated/kinds.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';
import { validateFilePath, validateItem, validateMode } from './volume-paths.ts';

/** Checks a volume that is put together of several sources (validateProjectedVolumeSource); no two may claim one path. */
export function validateProjected({ defaultMode, sources = [] }: ProjectedVolumeSource, path: string): FieldError[] {
  const taken = new Set<string>();
  const claim = (file: string | undefined, shown: string): FieldError[] => {
    if (!file) return [];
    if (taken.has(file)) return [invalidValue(path, shown, 'conflicting duplicate paths')];
    taken.add(file);
    return [];
  };
  return [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...sources.flatMap(({ secret, configMap, downwardAPI, serviceAccountToken }, i) => {
      const at = `${path}.sources[${i}]`;
      const keyed = Object.entries({ secret, configMap }).flatMap(([kind, source]) => {
        if (!source) return [];
        return [
          ...(source.name ? [] : [required(`${at}.${kind}.name`)]),
          ...(source.items ?? []).flatMap((item, j) => [...validateItem(item, `${at}.${kind}.items[${j}]`), ...claim(item.path, source.name ?? '')]),
        ];
      });
      return [
        ...keyed,
        ...(downwardAPI?.items ?? []).flatMap((file) => [...validateFiles([file], `${at}.downwardAPI`), ...claim(file.path, file.path)]),
        // The path of these errors is that of the volume, as in Kubernetes.
        ...(serviceAccountToken ? validateToken(serviceAccountToken, `${at}.serviceAccountToken`, path) : []),
        ...([secret, configMap, downwardAPI, serviceAccountToken].filter(Boolean).length > 1
          ? [forbiddenField(at, 'may not specify more than 1 volume type per source')]
          : []),
      ];
    }),
  ];
}

function validateToken({ expirationSeconds = 0, path: file }: ServiceAccountTokenProjection, path: string, volume: string): FieldError[] {
  return [
    ...(expirationSeconds < 600 ? [invalidValue(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(expirationSeconds > 2 ** 32
      ? [invalidValue(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(file ? validateFilePath(file, `${volume}.path`) : [required(`${volume}.path`)]),
  ];
}

const fileFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

/** Checks files of the downward API. The path of these errors is that of the source, without an index, as in Kubernetes. */
export const validateFiles = (items: readonly DownwardAPIVolumeFile[] = [], path: string): FieldError[] =>
  items.flatMap(({ path: file, fieldRef, resourceFieldRef, mode }) => [
    ...(file ? validateFilePath(file, `${path}.path`) : [required(`${path}.path`)]),
    ...(fieldRef ? validateFieldRef(fieldRef, fileFields, `${path}.fieldRef`) : []),
    ...(fieldRef && resourceFieldRef ? [invalidValue(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')] : []),
    ...(!fieldRef && resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, { volume: true }) : []),
    ...(fieldRef || resourceFieldRef ? [] : [required(path, 'one of fieldRef and resourceFieldRef is required')]),
    ...validateMode(mode, `${path}.mode`),
  ]);
