import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, immutable, inRangeErrors, internalError, invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, ContainerStatus, Pod, PodCondition, PodSpec, PodStatus } from '../../schema/generated/kinds.ts';
import { parseSloppyIp, validateIp } from '../networking/ip-values.ts';
import { validateExtendedResourceClaim } from './extended-resource-claim.ts';
import { validatePodAnnotations, validatePodAnnotationUpdates } from './pod-annotations.ts';

/** Checks what a kubelet or the scheduler says of a pod (ValidatePodStatusUpdate). */
export function validatePodStatusUpdate(pod: Pod, previous: Pod): FieldError[] {
  const { metadata, status = {} } = pod;
  const before = previous.status ?? {};
  const spec = previous.spec!;
  return [
    ...validatePodAnnotationUpdates(metadata.annotations, previous.metadata.annotations),
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...(status.conditions ?? []).flatMap((condition, i) => validateCondition(condition, `status.conditions[${i}]`)),
    ...validateNomination(status.nominatedNodeName, before.nominatedNodeName, spec),
    ...((status.observedGeneration ?? 0) < 0 ? [invalidValue('status.observedGeneration', status.observedGeneration, 'must be a non-negative integer')] : []),
    ...immutable('status.qosClass', status.qosClass ?? '', before.qosClass ?? ''),
    ...validateTransitions(status.containerStatuses, before.containerStatuses, 'status.containerStatuses', spec.containers, spec),
    ...validateTransitions(status.initContainerStatuses, before.initContainerStatuses, 'status.initContainerStatuses', spec.initContainers ?? [], spec),
    ...validateEnded(status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses'),
    ...validateClaimStatuses(status, spec),
    ...validateExtendedResourceClaim(status.extendedResourceClaimStatus, spec),
    ...validateIps(status.podIPs, before.podIPs, 'podIPs'),
    ...validateHostIps(status, before),
    ...lists.flatMap((list) => (status[list] ?? []).flatMap((container, i) => validateUser(container, spec, `status.${list}[${i}].user.linux`))),
  ];
}

const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

const systemConditions: readonly string[] = ['PodScheduled', 'Ready', 'Initialized'];

const validateCondition = ({ type, observedGeneration = 0 }: PodCondition, path: string): FieldError[] => [
  ...(observedGeneration < 0 ? [invalidValue(`${path}.observedGeneration`, observedGeneration, 'must be a non-negative integer')] : []),
  ...(systemConditions.includes(type) ? [] : invalidValues(`${path}.Type`, type, qualifiedName(type))),
];

function validateNomination(nominated: string | undefined, before: string | undefined, { nodeName }: PodSpec): FieldError[] {
  const path = 'status.nominatedNodeName';
  if (!nominated || nominated === before) return [];
  return [
    ...invalidValues(path, nominated, subdomain(nominated)),
    ...(nodeName ? [forbiddenField(path, 'may not be set on pods that are already bound to a node')] : []),
  ];
}

/** A container that ended for good does not come back (ValidateContainerStateTransition). */
function validateTransitions(
  statuses: ContainerStatus[] = [],
  before: ContainerStatus[] = [],
  path: string,
  containers: readonly Container[],
  spec: PodSpec,
): FieldError[] {
  const rules = [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ restartPolicyRules = [] }) => restartPolicyRules);
  if (rules.some(({ action }) => action === 'RestartAllContainers')) return [];
  const restarts = ({ name, state }: ContainerStatus) => {
    const container = containers.find((one) => one.name === name);
    return container !== undefined && restartsAfter(container, spec, state!.terminated!.exitCode);
  };
  return validateEnded(statuses, before, path, restarts);
}

/** Whether the kubelet starts a container again that ended so (ContainerShouldRestart). */
function restartsAfter({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  const met = restartPolicyRules.some(({ exitCodes }) => exitCodes && (exitCodes.operator === 'In') === (exitCodes.values ?? []).includes(exitCode));
  if (restartPolicy !== undefined && met) return true;
  const policy = restartPolicy ?? spec.restartPolicy;
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}

function validateEnded(
  statuses: ContainerStatus[] = [],
  before: ContainerStatus[] = [],
  path: string,
  restarts: (status: ContainerStatus) => boolean = () => false,
): FieldError[] {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  return before.flatMap((old, i) => {
    const now = byName.get(old.name);
    if (!old.state?.terminated || !now || now.state?.terminated || restarts(old)) return [];
    return [forbiddenField(`${path}[${i}].state`, 'may not be transitioned to non-terminated state')];
  });
}

function validateClaimStatuses({ resourceClaimStatuses = [] }: PodStatus, { resourceClaims = [] }: PodSpec): FieldError[] {
  const repeated = repeats(resourceClaimStatuses, ({ name }) => name);
  return resourceClaimStatuses.flatMap(({ name, resourceClaimName }, i) => {
    const at = `status.resourceClaimStatuses[${i}]`;
    return [
      ...(resourceClaims.some((claim) => claim.name === name)
        ? []
        : [invalidValue(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(repeated.has(i) ? [duplicate(`${at}.name`, name)] : []),
      ...(resourceClaimName === undefined ? [] : invalidValues(`${at}.resourceClaimName`, resourceClaimName, subdomain(resourceClaimName))),
    ];
  });
}

type Ips = readonly { ip?: string }[] | undefined;

function validateIps(ips: Ips = [], before: Ips = [], name: 'podIPs' | 'hostIPs'): FieldError[] {
  const path = `status.${name}`;
  const accepted = before.map(({ ip = '' }) => ip);
  const families = ips.length > 1 ? ips.map(({ ip = '' }) => parseSloppyIp(ip)?.family) : [];
  const malformed = ips.length > 1 ? ips.find((_, i) => families[i] === undefined) : undefined;
  return [
    ...ips.flatMap(({ ip = '' }, i) => validateIp(`${path}[${i}]`, ip, accepted)),
    ...(malformed
      ? [internalError(path, `failed to check for dual stack with error:ipStrings[${ips.indexOf(malformed)}] is invalid: "${malformed.ip ?? ''}"`)]
      : []),
    ...(ips.length > 1 && (malformed || ips.length > 2 || families[0] === families[1])
      ? [invalidValue(path, goValue(name === 'podIPs' ? '[]core.PodIP' : '[]core.HostIP', ips), 'may specify no more than one IP for each IP family')]
      : []),
  ];
}

function validateHostIps({ hostIP = '', hostIPs = [] }: PodStatus, before: PodStatus): FieldError[] {
  if (!hostIPs.length) return [];
  const first = hostIPs[0]!.ip ?? '';
  return [
    ...(hostIP === first ? [] : [invalidValue('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')]),
    ...validateIps(hostIPs, before.hostIPs, 'hostIPs'),
  ];
}

const MAX_ID = 2147483647;

function validateUser({ user }: ContainerStatus, { os }: PodSpec, path: string): FieldError[] {
  if (!user?.linux) return [];
  if (os?.name === 'windows') return [forbiddenField(path, 'cannot be set for a windows pod')];
  return [
    ...inRangeErrors(`${path}.uid`, user.linux.uid, 0, MAX_ID),
    ...inRangeErrors(`${path}.gid`, user.linux.gid, 0, MAX_ID),
    ...(user.linux.supplementalGroups ?? []).flatMap((group, i) => inRangeErrors(`${path}.supplementalGroups[${i}]`, group, 0, MAX_ID)),
  ];
}
