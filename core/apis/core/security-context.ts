import type { FieldError } from '../../kube/status.ts';
import { duplicate, inRangeErrors, invalidValue, oneOf, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { PodSpec, SeccompProfile, SecurityContext } from '../../schema/generated/kinds.ts';
import { validateRelativePath } from './volumes.ts';

/** libcontainer's limit for user and group ids. */
const MAX_ID = 2147483647;

/** Checks what a pod as a whole says about its security (ValidatePodSecurityContext); `path` is that of the spec. */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const at = `${path}.securityContext`;
  const context = spec.securityContext ?? {};
  return [
    ...inRangeErrors(`${at}.fsGroup`, context.fsGroup, 0, MAX_ID),
    ...inRangeErrors(`${at}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...inRangeErrors(`${at}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...(context.supplementalGroups ?? []).flatMap((group, i) => inRangeErrors(`${at}.supplementalGroups[${i}]`, group, 0, MAX_ID)),
    ...(spec.shareProcessNamespace && spec.hostPID
      ? [invalidValue(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...validateSysctls(context.sysctls ?? [], `${at}.sysctls`),
    ...(context.fsGroupChangePolicy === undefined ? [] : oneOf(`${at}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'])),
    ...validateSeccompProfile(context.seccompProfile, `${at}.seccompProfile`),
  ];
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = `(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}`;
const sysctlPattern = new RegExp(`^(?:${SYSCTL})$`);

function validateSysctls(sysctls: readonly { name: string }[], path: string): FieldError[] {
  const repeated = repeats(sysctls, ({ name }) => name);
  return sysctls.flatMap(({ name }, i) => {
    if (!name) return [required(`${path}[${i}].name`)];
    const valid = name.length <= 253 && sysctlPattern.test(name);
    return [
      ...(valid ? [] : [invalidValue(`${path}[${i}].name`, name, `must have at most 253 characters and match regex ${SYSCTL}`)]),
      ...(repeated.has(i) ? [duplicate(`${path}[${i}].name`, name)] : []),
    ];
  });
}

function validateSeccompProfile(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (type === 'Localhost') {
    return localhostProfile
      ? validateRelativePath(localhostProfile, `${path}.localhostProfile`)
      : [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  }
  return [
    ...oneOf(`${path}.type`, type, ['Localhost', 'RuntimeDefault', 'Unconfined'], 'type is required when seccompProfile is set'),
    ...(localhostProfile === undefined ? [] : [invalidValue(`${path}.localhostProfile`, localhostProfile, 'can only be set when seccomp type is Localhost')]),
  ];
}

/** Checks what a container says about its security (ValidateSecurityContext). */
export function validateSecurityContext(context: SecurityContext | undefined, path: string): FieldError[] {
  if (!context) return [];
  const errors = [
    ...inRangeErrors(`${path}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...inRangeErrors(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...(context.procMount ? oneOf(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']) : []),
    ...validateSeccompProfile(context.seccompProfile, `${path}.seccompProfile`),
  ];
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
    }
  }
  return errors;
}
