import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, notFoundValue, notSupported, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, VolumeMount } from '../../schema/generated/kinds.ts';
import { validateRelativePath } from './volume-paths.ts';
import type { Volumes } from './volumes.ts';

/** Checks where a container mounts volumes (ValidateVolumeMounts). The paths of some errors have no index, as in Kubernetes. */
export function validateMounts(container: Container, volumes: Volumes, path: string): FieldError[] {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  const repeated = repeats(mounts, ({ mountPath }) => mountPath ?? '');
  const deviceNames = new Set(devices.map(({ name }) => name));
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath));
  return mounts.flatMap((mount, i) => {
    const { name = '', mountPath = '', subPath, subPathExpr } = mount;
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    if (repeated.has(i)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    if (deviceNames.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    if (subPath) errors.push(...validateRelativePath(subPath, `${path}.subPath`));
    if (subPathExpr && subPath) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    if (subPathExpr) errors.push(...validateRelativePath(subPathExpr, `${path}.subPathExpr`));
    return [...errors, ...validatePropagation(mount, container, `${path}.mountPropagation`), ...validateRecursive(mount, `${path}.recursiveReadOnly`)];
  });
}

const propagations: readonly string[] = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation({ mountPropagation }: VolumeMount, { securityContext }: Container, path: string): FieldError[] {
  if (mountPropagation === undefined) return [];
  if (!propagations.includes(mountPropagation)) return [notSupported(path, mountPropagation, propagations)];
  return mountPropagation === 'Bidirectional' && !securityContext?.privileged
    ? [forbiddenField(path, 'Bidirectional mount propagation is available only to privileged containers')]
    : [];
}

const recursive: readonly string[] = ['Disabled', 'Enabled', 'IfPossible'];

function validateRecursive({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, path: string): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  if (!recursive.includes(recursiveReadOnly)) return [notSupported(path, recursiveReadOnly, recursive)];
  return [
    ...(readOnly ? [] : [forbiddenField(path, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === undefined || mountPropagation === 'None'
      ? []
      : [forbiddenField(path, 'may only be specified when mountPropagation is None or not specified')]),
  ];
}

/** Checks which volumes a container uses as block devices (ValidateVolumeDevices). */
export function validateDevices({ volumeDevices: devices = [], volumeMounts: mounts = [] }: Container, volumes: Volumes, path: string): FieldError[] {
  const repeatedNames = repeats(devices, ({ name }) => name);
  const repeatedPaths = repeats(devices, ({ devicePath }) => devicePath ?? '');
  const mountNames = new Set(mounts.map(({ name }) => name));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  return devices.flatMap(({ name = '', devicePath = '' }, i) => {
    const at = `${path}[${i}]`;
    const volume = volumes.get(name);
    const backsteps = devicePath.split('/').includes('..');
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    if (repeatedNames.has(i) && name) errors.push(invalidValue(`${at}.name`, name, 'must be unique'));
    if (!volume) errors.push(notFoundValue(`${at}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(invalidValue(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    }
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (repeatedPaths.has(i) && !backsteps) errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'));
    if (backsteps) errors.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    if (mountNames.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'));
    if (mountPaths.has(devicePath)) errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    return errors;
  });
}
