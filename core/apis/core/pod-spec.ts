import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, inRangeErrors, invalidValue, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { validateAnnotations, validateLabels } from '../../kube/validation/metadata.ts';
import { label, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, PodSpec, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { validateAffinity } from './affinity.ts';
import { defaultContainer } from './container-defaults.ts';
import { validateContainers, validateEphemeralContainers, validateHostNetworkPorts, validateInitContainers } from './containers.ts';
import { validateDnsConfig } from './dns.ts';
import { isIP } from './ip.ts';
import { validateTolerations, validateTopologySpread } from './placement.ts';
import { validatePodSecurityContext } from './security-context.ts';
import { defaultVolume } from './volume-defaults.ts';
import { validateVolumes } from './volumes.ts';

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
  for (const container of containersOf(spec)) defaultContainer(container);
}

/** Init containers first, then the containers, then the ephemeral ones. */
const containersOf = (spec: PodSpec): Container[] => [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];

/** Checks a pod template (ValidatePodTemplateSpec); `path` is that of the template: `spec.template`. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { metadata, spec = { containers: [] } } = template;
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, { template: true }),
    ...(spec.ephemeralContainers?.length ? [forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}

/**
 * Checks a pod's spec after defaulting (ValidatePodSpec in pkg/apis/core/validation/validation.go); `path` is that of the spec. A `template` may leave out
 * what only pods have as a default (`opts.ResourceIsPod` there).
 */
export function validatePodSpec(spec: PodSpec, path: string, { template = false } = {}): FieldError[] {
  const { names: volumes, errors } = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  return [
    ...errors,
    ...validateContainers(spec.containers ?? [], volumes, `${path}.containers`),
    ...validateInitContainers(spec.initContainers ?? [], spec.containers ?? [], volumes, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, volumes, `${path}.ephemeralContainers`),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...(spec.hostNetwork ? validateHostNetworkPorts(spec.containers ?? [], `${path}.containers`, { template }) : []),
    ...validatePodSecurityContext(spec, path),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDnsConfig(spec, `${path}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, i) =>
      invalidValues(`${path}.readinessGates[${i}].conditionType`, conditionType, qualifiedName(conditionType)),
    ),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...validateSchedulingGates(spec, `${path}.schedulingGates`),
    ...named(`${path}.serviceAccountName`, spec.serviceAccountName, subdomain),
    ...named(`${path}.nodeName`, spec.nodeName, subdomain),
    ...inRangeErrors(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, 2147483647),
    ...named(`${path}.hostname`, spec.hostname, label),
    ...named(`${path}.subdomain`, spec.subdomain, label),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateHostAliases(spec, `${path}.hostAliases`),
    ...named(`${path}.priorityClassName`, spec.priorityClassName, subdomain),
    ...named(`${path}.runtimeClassName`, spec.runtimeClassName, subdomain),
    ...(spec.preemptionPolicy ? oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']) : []),
    ...(spec.os ? validateOS(spec.os.name, `${path}.os.name`) : []),
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

const validateHostAliases = ({ hostAliases = [] }: PodSpec, path: string): FieldError[] =>
  hostAliases.flatMap(({ ip, hostnames = [] }, i) => [
    ...(isIP(ip) ? [] : [invalidValue(`${path}[${i}].ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]),
    ...hostnames.flatMap((hostname, j) => invalidValues(`${path}[${i}].hostnames[${j}]`, hostname, subdomain(hostname))),
  ]);

function validateOS(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path, 'cannot be empty')];
  return ['linux', 'windows'].includes(name) ? [] : [notSupported(path, name, ['linux', 'windows'])];
}
