import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import type { Volume } from '../../schema/generated/kinds.ts';
import { type VolumeSource, volumeSources } from './volume-sources.ts';

/** The volumes of a pod that are right, by name: a mount must name one of them. */
export type Volumes = ReadonlyMap<string, Volume>;

/** Checks a pod's volumes (ValidateVolumes); `pod` is the name of a pod, and none of a template. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
  options: { template: boolean; pod?: string },
): { valid: Volumes; errors: FieldError[] } {
  const valid = new Map<string, Volume>();
  const errors: FieldError[] = [];
  const created = new Set(options.pod ? volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${options.pod}-${name}`) : []);
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const { name = '', persistentVolumeClaim: claim } = volume;
    const own = [
      ...validateSource(volume, at, options),
      ...(name ? invalidValues(`${at}.name`, name, label(name)) : [required(`${at}.name`)]),
      ...(valid.has(name) ? [duplicate(`${at}.name`, name)] : []),
    ];
    if (own.length) errors.push(...own);
    else valid.set(name, volume);
    if (claim && created.has(claim.claimName)) {
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim.claimName, 'must not reference a PVC that gets created for an ephemeral volume'));
    }
  });
  return { valid, errors };
}

/** One source, and what a volume's name must be for it. All sources are looked at in the order of validateVolumeSource; the first is checked. */
function validateSource(volume: Volume, path: string, { template, pod }: { template: boolean; pod?: string }): FieldError[] {
  const [first, ...others] = (Object.keys(volumeSources) as VolumeSource[]).filter((name) => volume[name] !== undefined);
  if (!first) return [required(path, 'must specify a volume type')];
  const check = volumeSources[first] as (source: unknown, path: string, options: { template: boolean }) => FieldError[];
  return [
    ...check(volume[first], `${path}.${shownPath(first)}`, { template }),
    ...others.map((name) => forbiddenField(`${path}.${forbiddenPaths[name] ?? name}`, 'may not specify more than 1 volume type')),
    ...validateInitiator(volume, path),
    ...(first === 'ephemeral' && pod && volume.name ? validateClaimName(pod, volume.name, path) : []),
  ];
}

// As Kubernetes spells them here.
const shownPath = (name: VolumeSource) => (name === 'gcePersistentDisk' ? 'persistentDisk' : name);
const forbiddenPaths: { [name in VolumeSource]?: string } = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

function validateInitiator({ name = '', iscsi }: Volume, path: string): FieldError[] {
  if (iscsi?.initiatorName === undefined || `${name}:${iscsi.targetPortal ?? ''}`.length <= 64) return [];
  const detail = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
  return [invalidValue(`${path}.name`, name, detail)];
}

function validateClaimName(pod: string, volume: string, path: string): FieldError[] {
  const claim = `${pod}-${volume}`;
  return subdomain(claim).map((message) => invalidValue(`${path}.name`, volume, `PVC name "${claim}": ${message}`));
}
