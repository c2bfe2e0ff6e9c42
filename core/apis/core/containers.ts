import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notFoundValue, oneOf, required } from '../../kube/validation/field.ts';
import { label, portName, portNumber } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, ContainerPort, PodSpec } from '../../schema/generated/kinds.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateLifecycle, validateProbe } from './probes.ts';
import { validateContainerResources } from './resource-requirements.ts';
import { validateResizePolicy, validateRestartPolicy } from './restart-policy.ts';
import { validateSecurityContext } from './security-context.ts';
import { validateDevices, validateMounts } from './volume-mounts.ts';
import type { Volumes } from './volumes.ts';

/** What of a pod its containers are checked against. */
export interface PodContext {
  readonly volumes: Volumes;
  /** The names of `spec.resourceClaims`. */
  readonly claims: ReadonlySet<string>;
  readonly gracePeriod: number | undefined;
  readonly os: string | undefined;
  readonly restartPolicy: string | undefined;
  readonly hostUsers: boolean;
}

/** Checks a pod's regular containers (validateContainers). */
export function validateContainers(containers: readonly Container[], pod: PodContext, path: string): FieldError[] {
  if (!containers.length) return [required(path)];
  const repeated = repeats(containers, ({ name }) => name ?? '');
  return [
    ...containers.flatMap((container, i) => {
      const at = `${path}[${i}]`;
      return [
        ...validateContainer(container, pod, at),
        ...(repeated.has(i) ? [duplicate(`${at}.name`, container.name ?? '')] : []),
        ...validateRunning(container, pod, at),
        ...validateRestartPolicy(container, at),
      ];
    }),
    ...containers
      .flatMap((container, i) => hostPortsOf(container, `${path}[${i}]`))
      .filter(repeatedPort())
      .map(({ at, port }) => duplicate(at, port)),
  ];
}

/** Checks a pod's init containers; one that restarts always is a sidecar and may have what a regular container has (validateInitContainers). */
export function validateInitContainers(containers: readonly Container[], regular: readonly Container[], pod: PodContext, path: string): FieldError[] {
  const taken = new Set(regular.map(({ name }) => name ?? ''));
  return containers.flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const { name = '' } = container;
    const repeated = taken.has(name);
    if (name) taken.add(name);
    const sidecar = container.restartPolicy === 'Always';
    return [
      ...validateContainer(container, pod, at),
      ...validateRestartPolicy(container, at),
      ...(repeated ? [duplicate(`${at}.name`, name)] : []),
      // Each is looked at alone, and so as the first: only one of them runs at a time.
      ...hostPortsOf(container, `${path}[0]`)
        .filter(repeatedPort())
        .map(({ at: field, port }) => duplicate(field, port)),
      ...(sidecar
        ? validateRunning(container, pod, at)
        : runningOnly
            .filter((field) => container[field])
            .map((field) => forbiddenField(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'))),
      ...(container.resizePolicy ?? []).flatMap(({ restartPolicy }, j) =>
        sidecar || restartPolicy !== 'RestartContainer'
          ? []
          : [invalidValue(`${at}.resizePolicy[${j}].restartPolicy`, restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")],
      ),
    ];
  });
}

const runningOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** What a container that goes on running may have. */
const validateRunning = (container: Container, pod: PodContext, path: string): FieldError[] => [
  ...validateLifecycle(container.lifecycle, pod, `${path}.lifecycle`),
  ...validateProbe('livenessProbe', container.livenessProbe, path),
  ...validateProbe('readinessProbe', container.readinessProbe, path),
  ...validateProbe('startupProbe', container.startupProbe, path),
];

const forbiddenInEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** Checks a pod's ephemeral containers: no resources, ports or probes (validateEphemeralContainers). */
export function validateEphemeralContainers(spec: PodSpec, pod: PodContext, path: string): FieldError[] {
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const taken = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const repeated = taken.has(container.name);
    taken.add(container.name);
    const target = container.targetContainerName;
    const refused = forbiddenInEphemeral.filter((name) => typeof container[name] === 'string' || (container[name] && Object.keys(container[name]!).length));
    return [
      ...validateContainer(container, pod, at),
      ...validateImageBlanks(container, at),
      ...(repeated ? [duplicate(`${at}.name`, container.name ?? '')] : []),
      ...(target && !others.has(target) ? [notFoundValue(`${at}.targetContainerName`, target)] : []),
      ...refused.map((name) => forbiddenField(`${at}.${name}`, 'cannot be set for an Ephemeral Container')),
      ...(container.volumeMounts ?? []).flatMap((mount, j) =>
        (['subPath', 'subPathExpr'] as const)
          .filter((name) => mount[name])
          .map((name) => forbiddenField(`${at}.volumeMounts[${j}].${name}`, 'cannot be set for an Ephemeral Container')),
      ),
    ];
  });
}

/** What holds for a container of each sort (validateContainerCommon). */
function validateContainer(container: Container, pod: PodContext, path: string): FieldError[] {
  const { name, image, terminationMessagePolicy } = container;
  return [
    ...(name ? invalidValues(`${path}.name`, name, label(name)) : [required(`${path}.name`)]),
    ...(image ? [] : [required(`${path}.image`)]),
    ...oneOf(`${path}.terminationMessagePolicy`, terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...validateEnv(container.env ?? [], `${path}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`),
    ...validateMounts(container, pod.volumes, `${path}.volumeMounts`),
    ...validateDevices(container, pod.volumes, `${path}.volumeDevices`),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateContainerResources(container.resources, `${path}.resources`, pod.claims),
    ...validateResizePolicy(container.resizePolicy ?? [], pod.restartPolicy, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, `${path}.securityContext`, pod),
  ];
}

/** Of a pod's containers, not of a template's, the image has no blanks around it (validateContainersOnlyForPod). */
export const validateImageBlanks = ({ image = '' }: Container, path: string): FieldError[] =>
  image.trim() === image ? [] : [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')];

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

interface HostPort {
  readonly at: string;
  readonly port: string;
}

const hostPortsOf = ({ ports = [] }: Container, path: string): HostPort[] =>
  ports.flatMap(({ hostPort, hostIP = '', protocol = '' }, i) =>
    hostPort ? [{ at: `${path}.ports[${i}].hostPort`, port: `${protocol}/${hostIP}/${hostPort}` }] : [],
  );

function repeatedPort(): (port: HostPort) => boolean {
  const taken = new Set<string>();
  return ({ port }) => {
    const repeated = taken.has(port);
    taken.add(port);
    return repeated;
  };
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
