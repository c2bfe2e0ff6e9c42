import type { ObjectMeta } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, inRangeErrors, invalidValue, invalidValues, notFoundValue, oneOf, required, tooLong } from '../../kube/validation/field.ts';
import { validateAnnotations, validateLabels } from '../../kube/validation/metadata.ts';
import { label, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { PodSpec, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { validateAffinity } from './affinity.ts';
import { defaultContainer } from './container-defaults.ts';
import { type PodContext, validateContainers, validateEphemeralContainers, validateHostNetworkPorts, validateInitContainers } from './containers.ts';
import { validateDnsConfig } from './dns.ts';
import { isIP } from './ip.ts';
import { validateTolerations, validateTopologySpread } from './placement.ts';
import { MIRROR, validatePodAnnotations, validateProfileAnnotations } from './pod-annotations.ts';
import { containersOf } from './pod-containers.ts';
import { validateOS } from './pod-os.ts';
import { validatePodResourceClaims } from './pod-resource-claims.ts';
import { validatePodResources } from './pod-resources.ts';
import { validateContainerResources } from './resource-requirements.ts';
import { validatePodSecurityContext } from './security-context.ts';
import { defaultVolume } from './volume-defaults.ts';
import { validateVolumes } from './volumes.ts';
import { validateHostProcess } from './windows-options.ts';

/** What Kubernetes fills into a pod template (pkg/apis/core/v1/defaults.go). Changes the template that it is handed. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  if (template.spec) defaultPodSpec(template.spec);
}

/** What Kubernetes fills into a pod's spec, in a template or not. Changes the spec that it is handed. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ||= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  // `serviceAccount` is the old name; both are shown (pkg/apis/core/v1/conversion.go).
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const { container } of containersOf(spec)) defaultContainer(container);
}

/** Checks a pod template (ValidatePodTemplateSpec); `path` is that of the template: `spec.template`. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { metadata = {}, spec = { containers: [] } } = template;
  return [
    ...validateTemplateMetadata(template, path),
    ...validatePodSpec(spec, `${path}.spec`),
    ...validateProfileAnnotations(metadata, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length ? [forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}

/** Checks the labels and annotations that the pods of a template get. */
export const validateTemplateMetadata = ({ metadata = {}, spec = { containers: [] } }: PodTemplateSpec, path: string): FieldError[] => [
  ...validateLabels(metadata.labels, `${path}.labels`),
  ...validateAnnotations(metadata.annotations, `${path}.annotations`),
  ...validatePodAnnotations(metadata.annotations, spec, `${path}.annotations`),
];

/**
 * Checks a pod's spec after defaulting (ValidatePodSpec in pkg/apis/core/validation/validation.go); `path` is that of the spec. Without the metadata of a `pod`
 * it is a template's, which may leave out what only pods have as a default (`opts.ResourceIsPod` there).
 */
export function validatePodSpec(spec: PodSpec, path: string, pod?: Pick<ObjectMeta, 'name' | 'annotations'>): FieldError[] {
  const template = pod === undefined;
  const { valid: volumes, errors } = validateVolumes(spec.volumes ?? [], `${path}.volumes`, { template, ...(pod && { pod: pod.name }) });
  const claims = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => (name ? [name] : [])));
  const context: PodContext = {
    volumes,
    claims,
    gracePeriod: spec.terminationGracePeriodSeconds,
    os: spec.os && (spec.os.name ?? ''),
    restartPolicy: spec.restartPolicy,
    hostUsers: spec.hostUsers ?? true,
  };
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : []),
    ...errors,
    ...validatePodResourceClaims(spec.resourceClaims ?? [], `${path}.resourceClaims`, { isMirror: pod?.annotations?.[MIRROR] !== undefined }),
    ...validateContainers(spec.containers ?? [], context, `${path}.containers`),
    ...validateInitContainers(spec.initContainers ?? [], spec.containers ?? [], context, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, context, `${path}.ephemeralContainers`),
    ...validatePodResources(spec, path, claims),
    ...(spec.hostNetwork ? validateHostNetworkPorts(spec.containers ?? [], `${path}.containers`, { template }) : []),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec, path),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDnsConfig(spec, `${path}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, i) =>
      invalidValues(`${path}.readinessGates[${i}].conditionType`, conditionType, qualifiedName(conditionType)),
    ),
    ...validateSchedulingGates(spec, `${path}.schedulingGates`),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateUserNamespace(spec, path),
    ...validateHostnameOverride(spec, `${path}.hostnameOverride`),
    ...named(`${path}.serviceAccountName`, spec.serviceAccountName, subdomain),
    ...named(`${path}.nodeName`, spec.nodeName, subdomain),
    ...inRangeErrors(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, 2147483647),
    ...named(`${path}.hostname`, spec.hostname, label),
    ...named(`${path}.subdomain`, spec.subdomain, label),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateHostAliases(spec, `${path}.hostAliases`),
    ...named(`${path}.priorityClassName`, spec.priorityClassName, subdomain),
    ...(spec.runtimeClassName === undefined ? [] : invalidValues(`${path}.runtimeClassName`, spec.runtimeClassName, subdomain(spec.runtimeClassName))),
    ...(spec.preemptionPolicy === undefined ? [] : oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
    ...(spec.overhead ? validateContainerResources({ limits: spec.overhead }, `${path}.overhead`, new Set()) : []),
    ...validateOS(spec, path),
    ...validateFileKeyVolumes(spec, path),
  ];
}

const named = (path: string, name: string | undefined, check: (value: string) => string[]): FieldError[] =>
  name ? invalidValues(path, name, check(name)) : [];

function validateSchedulingGates({ schedulingGates = [] }: PodSpec, path: string): FieldError[] {
  const repeated = repeats(schedulingGates, ({ name }) => name);
  return schedulingGates.flatMap(({ name }, i) => [
    ...invalidValues(`${path}[${i}]`, name, qualifiedName(name)),
    ...(repeated.has(i) ? [duplicate(`${path}[${i}]`, name)] : []),
  ]);
}

/** Users of a namespace of their own share no other one with the host (validateHostUsers). */
function validateUserNamespace(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const refused = (field: string) => forbiddenField(`${path}.${field}`, 'when `hostUsers` is false');
  return [
    ...(spec.hostNetwork ? [refused('hostNetwork')] : []),
    ...(spec.hostPID ? [refused('HostPID')] : []),
    ...(spec.hostIPC ? [refused('HostIPC')] : []),
    ...containersOf(spec)
      .filter(({ container }) => container.volumeDevices?.length)
      .map(({ at }) => refused(`${at}.volumeDevices`)),
  ];
}

function validateHostnameOverride({ hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpec, path: string): FieldError[] {
  if (name === undefined) return [];
  return [
    ...(setHostnameAsFQDN ? [forbiddenField(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork ? [forbiddenField(path, 'may not be specified when hostNetwork is true')] : []),
    ...(name.length > 64 ? [tooLong(path, 64)] : []),
    ...invalidValues(path, name, subdomain(name)),
  ];
}

const validateHostAliases = ({ hostAliases = [] }: PodSpec, path: string): FieldError[] =>
  hostAliases.flatMap(({ ip = '', hostnames = [] }, i) => [
    ...(isIP(ip) ? [] : [invalidValue(`${path}[${i}].ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]),
    ...hostnames.flatMap((hostname, j) => invalidValues(`${path}[${i}].hostnames[${j}]`, hostname, subdomain(hostname))),
  ]);

/** Files with variables are in volumes that the pod has for itself (validateFileKeyRefVolumes). */
function validateFileKeyVolumes(spec: PodSpec, path: string): FieldError[] {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return containersOf(spec).flatMap(({ container: { env = [] }, at }) =>
    env.flatMap(({ valueFrom }, i) => {
      if (!valueFrom?.fileKeyRef) return [];
      const { volumeName = '' } = valueFrom.fileKeyRef;
      const field = `${path}.${at}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(volumeName);
      if (!volume) return [notFoundValue(field, volumeName)];
      return volume.emptyDir ? [] : [invalidValue(field, volumeName, 'referenced volume must be of type emptyDir')];
    }),
  );
}
