import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, inRangeErrors, invalidValue, notSupported, oneOf, required, tooLong } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext } from '../../schema/generated/kinds.ts';
import { validateRelativePath } from './volume-paths.ts';
import { validateWindowsOptions } from './windows-options.ts';

/** libcontainer's limit for user and group ids. */
const MAX_ID = 2147483647;

/** Checks what a pod as a whole says about its security (validatePodSpecSecurityContext); `path` is that of the spec. */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const at = `${path}.securityContext`;
  const context = spec.securityContext ?? {};
  const known = (name: 'fsGroupChangePolicy' | 'supplementalGroupsPolicy' | 'seLinuxChangePolicy', valid: readonly string[]) => {
    const policy = context[name];
    return policy === undefined || valid.includes(policy) ? [] : [notSupported(`${at}.${name}`, policy, valid)];
  };
  return [
    ...inRangeErrors(`${at}.fsGroup`, context.fsGroup, 0, MAX_ID),
    ...inRangeErrors(`${at}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...inRangeErrors(`${at}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...(context.supplementalGroups ?? []).flatMap((group, i) => inRangeErrors(`${at}.supplementalGroups[${i}]`, group, 0, MAX_ID)),
    ...(spec.shareProcessNamespace && spec.hostPID
      ? [invalidValue(`${at}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...validateSysctls(context.sysctls ?? [], spec, `${at}.sysctls`),
    ...known('fsGroupChangePolicy', ['Always', 'OnRootMismatch']),
    ...validateSeccompProfile(context.seccompProfile, `${at}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${at}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${at}.appArmorProfile`),
    ...known('supplementalGroupsPolicy', ['Merge', 'Strict']),
    ...known('seLinuxChangePolicy', ['MountOption', 'Recursive']),
  ];
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const sysctlPattern = new RegExp(SYSCTL);

function validateSysctls(sysctls: readonly { name: string }[], spec: PodSpec, path: string): FieldError[] {
  const repeated = repeats(sysctls, ({ name }) => name);
  return sysctls.flatMap(({ name = '' }, i) => {
    const at = `${path}[${i}].name`;
    return [...validateSysctlName(name, repeated.has(i), at), ...validateHostSysctl(name, spec, at)];
  });
}

function validateSysctlName(name: string, repeated: boolean, path: string): FieldError[] {
  if (!name) return [required(path)];
  if (name.length > 253 || !sysctlPattern.test(name)) return [invalidValue(path, name, `must have at most 253 characters and match regex ${SYSCTL}`)];
  return repeated ? [duplicate(path, name)] : [];
}

/** What the host's namespaces have is the host's to set (ValidateHostSysctl). */
function validateHostSysctl(name: string, { hostNetwork, hostIPC }: PodSpec, path: string): FieldError[] {
  const dotted = withDots(name);
  if (hostNetwork && dotted.startsWith('net.')) return [invalidValue(path, name, "may not be specified when 'hostNetwork' is true")];
  const ofIPC = /^(kernel\.(sem|shm.*|msg.*)|fs\.mqueue\..*)$/.test(dotted);
  return hostIPC && ofIPC ? [invalidValue(path, name, "may not be specified when 'hostIPC' is true")] : [];
}

/** A name is written with dots or, when its first separator is a slash, with slashes. */
const withDots = (name: string): string => (name[name.search(/[./]/)] === '/' ? name.replace(/[./]/g, (char) => (char === '/' ? '.' : '/')) : name);

const seccompTypes: readonly string[] = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccompProfile(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors = oneOf(`${path}.type`, type, seccompTypes, 'type is required when seccompProfile is set');
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return errors;
    return [...errors, invalidValue(`${path}.localhostProfile`, goValue('core.SeccompProfile', profile), 'can only be set when seccomp type is Localhost')];
  }
  return localhostProfile === undefined
    ? [...errors, required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')]
    : [...errors, ...validateRelativePath(localhostProfile, `${path}.localhostProfile`)];
}

const MAX_PROFILE = 4095;

export function validateAppArmorProfile(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (!localhostProfile?.trim() && localhostProfile === localhostProfile?.trim()) return [required(at, 'must be set when AppArmor type is Localhost')];
    return [
      ...(localhostProfile === localhostProfile!.trim() ? [] : [invalidValue(at, localhostProfile, 'must not be padded with whitespace')]),
      ...(localhostProfile!.length > MAX_PROFILE ? [tooLong(at, MAX_PROFILE)] : []),
    ];
  }
  if (type !== 'RuntimeDefault' && type !== 'Unconfined') return oneOf(`${path}.type`, type, appArmorTypes, 'type is required when appArmorProfile is set');
  return localhostProfile === undefined ? [] : [invalidValue(at, localhostProfile, 'can only be set when AppArmor type is Localhost')];
}

const appArmorTypes: readonly string[] = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** Checks what a container says about its security (ValidateSecurityContext). */
export function validateSecurityContext(context: SecurityContext | undefined, path: string, { hostUsers }: { hostUsers: boolean }): FieldError[] {
  if (!context) return [];
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  const contradiction = (detail: string) =>
    invalidValue(path, goValue('core.SecurityContext', context), `cannot set \`allowPrivilegeEscalation\` to false and ${detail}`);
  return [
    ...inRangeErrors(`${path}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...inRangeErrors(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...(procMount === undefined || procMounts.includes(procMount) ? [] : [notSupported(`${path}.procMount`, procMount, procMounts)]),
    ...(hostUsers && procMount === 'Unmasked' ? [invalidValue(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`')] : []),
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
    ...(allowPrivilegeEscalation === false && privileged ? [contradiction('`privileged` to true')] : []),
    ...(allowPrivilegeEscalation === false ? (capabilities?.add ?? []) : [])
      .filter((capability) => capability === 'CAP_SYS_ADMIN')
      .map(() => contradiction('`capabilities.Add` CAP_SYS_ADMIN')),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmorProfile(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

const procMounts: readonly string[] = ['Default', 'Unmasked'];
