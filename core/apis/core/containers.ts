import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notFoundValue, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { label, portName, portNumber } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, ContainerPort, PodSpec, VolumeDevice, VolumeMount } from '../../schema/generated/kinds.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateLifecycle, validateProbe } from './probes.ts';
import { validateResourceRequirements } from './resource-requirements.ts';
import { validateSecurityContext } from './security-context.ts';
import { validateRelativePath } from './volumes.ts';

/** The volumes of a pod by name: the mounts of its containers name them. */
type VolumeNames = ReadonlySet<string>;

/** Checks a pod's regular containers (validateContainers). */
export function validateContainers(containers: readonly Container[], volumes: VolumeNames, path: string): FieldError[] {
  if (!containers.length) return [required(path)];
  const taken = new Set<string | undefined>();
  return [
    ...containers.flatMap((container, i) => {
      const at = `${path}[${i}]`;
      const repeated = taken.has(container.name);
      taken.add(container.name);
      return [
        ...validateContainer(container, volumes, at),
        ...(repeated ? [duplicate(`${at}.name`, container.name ?? '')] : []),
        ...validateLifecycle(container.lifecycle, `${at}.lifecycle`),
        ...validateProbe('livenessProbe', container.livenessProbe, at),
        ...validateProbe('readinessProbe', container.readinessProbe, at),
        ...validateProbe('startupProbe', container.startupProbe, at),
      ];
    }),
    ...validateHostPorts(containers, path),
  ];
}

/** Checks a pod's init containers; one that restarts always is a sidecar and may have what a regular container has (validateInitContainers). */
export function validateInitContainers(containers: readonly Container[], regular: readonly Container[], volumes: VolumeNames, path: string): FieldError[] {
  const taken = new Set(regular.map(({ name }) => name));
  return [
    ...containers.flatMap((container, i) => {
      const at = `${path}[${i}]`;
      const repeated = taken.has(container.name);
      taken.add(container.name);
      return [
        ...validateContainer(container, volumes, at),
        ...(repeated ? [duplicate(`${at}.name`, container.name ?? '')] : []),
        ...validateInitRestart(container, at),
      ];
    }),
    ...validateHostPorts(containers, path),
  ];
}

const runningOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function validateInitRestart(container: Container, path: string): FieldError[] {
  if (container.restartPolicy !== undefined && container.restartPolicy !== 'Always') {
    return [notSupported(`${path}.restartPolicy`, container.restartPolicy, ['Always'])];
  }
  if (container.restartPolicy === undefined) {
    return runningOnly
      .filter((name) => container[name])
      .map((name) => forbiddenField(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
  }
  return [
    ...validateLifecycle(container.lifecycle, `${path}.lifecycle`),
    ...validateProbe('livenessProbe', container.livenessProbe, path),
    ...validateProbe('readinessProbe', container.readinessProbe, path),
    ...validateProbe('startupProbe', container.startupProbe, path),
  ];
}

/** Checks a pod's ephemeral containers: no resources, ports or probes (validateEphemeralContainers). */
export function validateEphemeralContainers(spec: PodSpec, volumes: VolumeNames, path: string): FieldError[] {
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const taken = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const repeated = taken.has(container.name);
    taken.add(container.name);
    const target = container.targetContainerName;
    const refused = (['ports', ...runningOnly, 'resources'] as const).filter((name) => container[name] && Object.keys(container[name]!).length);
    return [
      ...validateContainer(container, volumes, at),
      ...(repeated ? [duplicate(`${at}.name`, container.name ?? '')] : []),
      ...(target && !others.has(target) ? [notFoundValue(`${at}.targetContainerName`, target)] : []),
      ...refused.map((name) => forbiddenField(`${at}.${name}`, 'cannot be set for an Ephemeral Container')),
    ];
  });
}

/** What holds for a container of each sort (validateContainerCommon). */
function validateContainer(container: Container, volumes: VolumeNames, path: string): FieldError[] {
  const { name, image = '', volumeMounts = [], volumeDevices = [] } = container;
  return [
    ...(name ? invalidValues(`${path}.name`, name, label(name)) : [required(`${path}.name`)]),
    ...validateImage(image, `${path}.image`),
    ...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['FallbackToLogsOnError', 'File']),
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...validateEnv(container.env ?? [], `${path}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`),
    ...validateMounts(volumeMounts, volumeDevices, volumes, `${path}.volumeMounts`),
    ...validateDevices(volumeDevices, volumeMounts, volumes, `${path}.volumeDevices`),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateResourceRequirements(container.resources, `${path}.resources`),
    ...validateSecurityContext(container.securityContext, `${path}.securityContext`),
  ];
}

/** An image has a name without blanks around it. */
function validateImage(image: string, path: string): FieldError[] {
  if (!image) return [required(path)];
  return image.trim() === image ? [] : [invalidValue(path, image, 'must not have leading or trailing whitespace')];
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (name) {
      const messages = portName(name);
      errors.push(...invalidValues(`${at}.name`, name, messages));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      else if (!messages.length) names.add(name);
    }
    errors.push(...(containerPort ? invalidValues(`${at}.containerPort`, containerPort, portNumber(containerPort)) : [required(`${at}.containerPort`)]));
    if (hostPort) errors.push(...invalidValues(`${at}.hostPort`, hostPort, portNumber(hostPort)));
    return [...errors, ...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])];
  });
}

function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ hostPort, hostIP = '', protocol = '' }, j) => {
      if (!hostPort) return [];
      const claim = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(claim)) return [duplicate(`${path}[${i}].ports[${j}].hostPort`, claim)];
      taken.add(claim);
      return [];
    }),
  );
}

/**
 * On the host's network a container's port is the host's port (validatePodHostNetworkDeps). A `template` may leave the host's port out, that is 0: the pods
 * that are made from it get it as a default, and since Kubernetes 1.28 the template itself does not.
 */
export function validateHostNetworkPorts(containers: readonly Container[], path: string, { template }: { template: boolean }): FieldError[] {
  return containers.flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ containerPort, hostPort = 0 }, j) =>
      hostPort === containerPort || (template && hostPort === 0)
        ? []
        : [invalidValue(`${path}[${i}].ports[${j}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')],
    ),
  );
}

function validateMounts(mounts: readonly VolumeMount[], devices: readonly VolumeDevice[], volumes: VolumeNames, path: string): FieldError[] {
  const repeated = repeats(mounts, ({ mountPath }) => mountPath);
  const deviceNames = new Set(devices.map(({ name }) => name));
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath));
  return mounts.flatMap((mount, i) => {
    const { name, mountPath, subPath, subPathExpr, mountPropagation } = mount;
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name ?? ''));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    if (repeated.has(i)) errors.push(invalidValue(`${at}.mountPath`, mountPath ?? '', 'must be unique'));
    if (deviceNames.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (subPath) errors.push(...validateRelativePath(subPath, `${at}.subPath`));
    if (subPathExpr && subPath) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    if (subPathExpr) errors.push(...validateRelativePath(subPathExpr, `${at}.subPathExpr`));
    if (mountPropagation) errors.push(...oneOf(`${at}.mountPropagation`, mountPropagation, ['Bidirectional', 'HostToContainer', 'None']));
    return errors;
  });
}

function validateDevices(devices: readonly VolumeDevice[], mounts: readonly VolumeMount[], volumes: VolumeNames, path: string): FieldError[] {
  const repeatedNames = repeats(devices, ({ name }) => name);
  const repeatedPaths = repeats(devices, ({ devicePath }) => devicePath);
  const mountNames = new Set(mounts.map(({ name }) => name));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  return devices.flatMap(({ name, devicePath }, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    if (repeatedNames.has(i)) errors.push(invalidValue(`${at}.name`, name, 'must be unique'));
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name ?? ''));
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (repeatedPaths.has(i)) errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'));
    if (devicePath?.split('/').includes('..')) errors.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    if (mountPaths.has(devicePath)) {
      errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (mountNames.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'));
    return errors;
  });
}
