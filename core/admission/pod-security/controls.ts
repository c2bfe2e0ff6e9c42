import type { Check, Control } from './control.ts';
import { allowPrivilegeEscalation } from './controls/allow-privilege-escalation.ts';
import { appArmorProfile } from './controls/app-armor-profile.ts';
import { capabilitiesBaseline } from './controls/capabilities-baseline.ts';
import { capabilitiesRestricted } from './controls/capabilities-restricted.ts';
import { hostNamespaces } from './controls/host-namespaces.ts';
import { hostPathVolumes } from './controls/host-path-volumes.ts';
import { hostPorts } from './controls/host-ports.ts';
import { hostProbesAndHostLifecycle } from './controls/host-probes-and-host-lifecycle.ts';
import { privileged } from './controls/privileged.ts';
import { procMountBaseline, procMountRestricted } from './controls/proc-mount.ts';
import { restrictedVolumes } from './controls/restricted-volumes.ts';
import { runAsNonRoot } from './controls/run-as-non-root.ts';
import { runAsUser } from './controls/run-as-user.ts';
import { seLinuxOptions } from './controls/se-linux-options.ts';
import { seccompProfileBaseline, seccompProfileRestricted } from './controls/seccomp-profile.ts';
import { sysctls } from './controls/sysctls.ts';
import { windowsHostProcess } from './controls/windows-host-process.ts';
import type { LevelVersion } from './policy.ts';

/** All controls of the Pod Security Standards: in each level those that violations name first. */
export const controls: readonly Control[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompProfileBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfileRestricted,
];

/** What is checked of pods at a level and in a version (policy/registry.go). Versions to come are as the newest that a control knows. */
export function checksAt({ level, version }: LevelVersion): readonly Check[] {
  if (level === 'privileged') return [];
  return byVersion[level][version === 'latest' ? NEWEST : Math.min(version, NEWEST)]!;
}

const NEWEST = Math.max(...controls.flatMap(({ versions }) => versions.map(({ since }) => since)));

const allVersions = Array.from({ length: NEWEST + 1 }, (_, version) => version);

const byVersion = {
  baseline: allVersions.map((version) => checksIn(version, (level) => level === 'baseline')),
  restricted: allVersions.map((version) => checksIn(version, () => true)),
};

function checksIn(version: number, isAsked: (level: Control['level']) => boolean): Check[] {
  const inForce = controls.filter(({ level }) => isAsked(level)).map(({ id, versions }) => ({ id, ...versions.findLast(({ since }) => since <= version) }));
  const overridden = new Set(inForce.map(({ overrides }) => overrides));
  return inForce.flatMap(({ id, check }) => (check && !overridden.has(id) ? [check] : []));
}
