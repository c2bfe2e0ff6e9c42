import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, notSupported, required } from '../../kube/validation/field.ts';
import type { PodSecurityContext, PodSpec, SecurityContext } from '../../schema/generated/kinds.ts';
import { containersOf } from './pod-containers.ts';

const known: readonly string[] = ['linux', 'windows'];

/** Checks that a pod of an operating system says nothing that only the other one has (validateOS, validateLinux, validateWindows). */
export function validateOS(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [required(`${path}.os.name`)];
  if (!known.includes(name)) return [notSupported(`${path}.os`, name, known)];
  return name === 'linux' ? validateLinux(spec, path) : validateWindows(spec, path);
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts = [{ context: spec.securityContext, at: 'securityContext' }, ...ofContainers(spec)];
  return contexts
    .filter(({ context }) => context?.windowsOptions)
    .map(({ at }) => forbiddenField(`${path}.${at}.windowsOptions`, 'windows options cannot be set for a linux pod'));
}

/** What a pod cannot have on Windows; with a dot before it, in its spec and not in its security context. */
const ofPod: readonly (keyof PodSecurityContext | `.${keyof PodSpec}`)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  '.hostUsers',
  '.hostPID',
  '.hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  '.shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
];

const ofContainer: readonly (keyof SecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

function validateWindows(spec: PodSpec, path: string): FieldError[] {
  const refused = (at: string) => forbiddenField(`${path}.${at}`, 'cannot be set for a windows pod');
  const isSet = (name: (typeof ofPod)[number]): boolean => {
    if (name === '.hostPID' || name === '.hostIPC') return spec[name.slice(1) as 'hostPID' | 'hostIPC'] === true;
    if (name.startsWith('.')) return spec[name.slice(1) as keyof PodSpec] !== undefined;
    const value = spec.securityContext?.[name as keyof PodSecurityContext];
    return name === 'sysctls' ? Boolean((value as unknown[] | undefined)?.length) : value !== undefined;
  };
  return [
    ...ofPod.filter(isSet).map((name) => refused(name.startsWith('.') ? name.slice(1) : `securityContext.${name}`)),
    ...ofContainers(spec).flatMap(({ context, at }) => ofContainer.filter((name) => context?.[name] !== undefined).map((name) => refused(`${at}.${name}`))),
  ];
}

const ofContainers = (spec: PodSpec) => containersOf(spec).map(({ container, at }) => ({ context: container.securityContext, at: `${at}.securityContext` }));
