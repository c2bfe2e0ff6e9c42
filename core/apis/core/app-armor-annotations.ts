import { same } from '../../kube/object.ts';
import type { AppArmorProfile, Pod, PodSpec } from '../../schema/generated/kinds.ts';
import { APPARMOR } from './pod-annotations.ts';
import { containersOf } from './pod-containers.ts';
import { validateAppArmorProfile } from './security-context.ts';

/**
 * The annotations that named AppArmor profiles before there were fields become fields, where a container of a new pod has none (registry/core/pod/strategy.go,
 * applyAppArmorVersionSkew; KEP-24, "Version Skew Strategy").
 */
export function applyAppArmorAnnotations({ metadata: { annotations = {} }, spec }: Pod, warn: (text: string) => void): void {
  if (!spec || spec.os?.name === 'windows') return;
  for (const { container } of containersOf(spec)) {
    const name = `${APPARMOR}${container.name}`;
    if (!Object.hasOwn(annotations, name) || container.securityContext?.appArmorProfile) continue;
    const profile = appArmorProfileOf(annotations[name]!);
    if (profile && isPodProfile(profile, spec)) continue;
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    warn(appArmorWarning(`metadata.annotations[${name}]`));
  }
}

export const appArmorWarning = (path: string): string => `${path}: deprecated since v1.30; use the "appArmorProfile" field instead`;

/** The profile that an annotation names; undefined when it names none that a field could have (ApparmorFieldForAnnotation). */
export function appArmorProfileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const localhostProfile = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length) : '';
  const profile = { type: 'Localhost', localhostProfile };
  return localhostProfile && validateAppArmorProfile(profile, '').length === 0 ? profile : undefined;
}

const LOCALHOST = 'localhost/';

/** Whether the pod has that profile as a whole: its containers then need no field of their own. */
export const isPodProfile = (profile: AppArmorProfile | undefined, { securityContext }: PodSpec): boolean =>
  profile !== undefined && same(profile, securityContext?.appArmorProfile ?? {});
