import { type FieldError, invalid } from '../../kube/status.ts';
import { duplicate, invalidValue, notSupported, required } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { parseSloppyIp, validateIp } from '../networking/ip-values.ts';

/**
 * `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` of a Service, which say one thing together: they are completed from each other before the addresses are
 * allocated, and what does not fit together is refused (pkg/registry/core/service/storage/alloc.go and pkg/apis/core/validation).
 */

const FAMILIES = ['IPv4', 'IPv6'];
/** The families that this cluster has addresses of. The first of them is the default. */
const CONFIGURED: readonly string[] = ['IPv4'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean => clusterIPs.length === 1 && clusterIPs[0] === 'None';

/** Completes the policy and the families (initIPFamilyFields). Throws 422: an error here is told alone. */
export function chooseFamilies(service: Service & { spec: ServiceSpec }, previous: Service | undefined): void {
  const { spec } = service;
  const before = previous?.spec;
  if (spec.type === 'ExternalName' || (before && isUnchangedPreference(spec, before))) return;
  const anyEndpoints = spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length;
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? (anyEndpoints ? 'RequireDualStack' : 'SingleStack');
  refuse(service, validateClusterIPs(spec, before));
  refuse(service, [...(before ? releaseErrors(spec, before) : []), ...policyErrors(spec), ...inferFamilies(spec)]);

  // The endpoints of a headless Service without a selector may be of any family.
  if (anyEndpoints) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = [CONFIGURED[0]!];
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') {
      spec.ipFamilies = [...spec.ipFamilies, spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
    }
    return;
  }
  const families = spec.ipFamilies ?? [];
  refuse(service, [
    ...(spec.ipFamilyPolicy === 'RequireDualStack' && CONFIGURED.length < 2
      ? [invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...families.flatMap((family, i) => (CONFIGURED.includes(family) ? [] : [invalidValue(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster')])),
  ]);
  if (!families.length) spec.ipFamilies = [CONFIGURED[0]!];
}

function refuse(service: Service, errors: readonly FieldError[]): void {
  if (errors.length) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, errors);
}

/** A Service that prefers two families keeps those that it has got, whatever the cluster has by now. */
const isUnchangedPreference = (spec: ServiceSpec, before: ServiceSpec): boolean =>
  spec.type === before.type &&
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  before.ipFamilyPolicy === 'PreferDualStack' &&
  sameList(spec.clusterIPs, before.clusterIPs) &&
  sameList(spec.ipFamilies, before.ipFamilies);

export const sameList = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

/** A second family goes with the policy SingleStack alone, which means it when nothing else is said. */
function releaseErrors(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (sameList(spec.clusterIPs, before.clusterIPs) && spec.clusterIPs) spec.clusterIPs = spec.clusterIPs.slice(0, 1);
    if (sameList(spec.ipFamilies, before.ipFamilies) && spec.ipFamilies) spec.ipFamilies = spec.ipFamilies.slice(0, 1);
    return [];
  }
  const fewer = (now: readonly string[] = [], then: readonly string[] = []) => now.length > 0 && now.length < then.length;
  const error = (what: string) => invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`);
  return [
    ...(fewer(spec.clusterIPs, before.clusterIPs) ? [error('cluster IP')] : []),
    ...(fewer(spec.ipFamilies, before.ipFamilies) ? [error('IP family')] : []),
  ];
}

function policyErrors(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const error = (what: string) =>
    invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`);
  return [...(spec.clusterIPs?.length === 2 ? [error('cluster IPs')] : []), ...(spec.ipFamilies?.length === 2 ? [error('IP families')] : [])];
}

/** An address says of which family it is. */
function inferFamilies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') break;
    if (i < (spec.ipFamilies?.length ?? 0)) continue;
    const family = familyOf(ip);
    if (CONFIGURED.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else errors.push(invalidValue(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`));
  }
  return errors;
}

const familyOf = (ip: string): string => `IPv${parseSloppyIp(ip)?.family ?? 4}`;

/** Checks what the three fields say together (ValidateServiceClusterIPsRelatedFields). */
export function validateClusterIPs(spec: ServiceSpec, before: ServiceSpec | undefined): FieldError[] {
  const { type, clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  if (clusterIP) {
    if (!clusterIPs.length) errors.push(required('spec.clusterIPs'));
    else if (clusterIPs[0] !== clusterIP) errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  } else if (clusterIPs.length) errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'));

  const repeated = repeats(ipFamilies, (family) => family);
  ipFamilies.forEach((family, i) => {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES));
    if (repeated.has(i)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
  });
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy)) errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, POLICIES));

  const malformed = clusterIPs.flatMap((ip, i) => {
    if (i > 0 || ip !== 'None') return validateIp(`spec.clusterIPs[${i}]`, ip, before?.clusterIPs);
    return clusterIPs.length > 1 ? [invalidValue('spec.clusterIPs', clusterIPs, "'None' must be the first and only value")] : [];
  });
  errors.push(...malformed);
  if (clusterIPs.length > 2) errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  // What is no address has no family.
  if (malformed.length) return errors;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(familyOf)).size < 2)
    errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family'));
  if (isHeadless(spec)) return errors;
  clusterIPs.forEach((ip, i) => {
    const family = ipFamilies[i];
    if (family && FAMILIES.includes(family) && familyOf(ip) !== family)
      errors.push(invalidValue(`spec.clusterIPs[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``));
  });
  return errors;
}

/** The first address and family stay, the second may come and go (validateUpgradeDowngradeClusterIPs and …IPFamilies). */
export function validateClusterIPsUpdate(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const [headless, wasHeadless] = [isHeadless(spec), isHeadless(before)];
  return [
    ...(headless && wasHeadless ? [] : addressChanges(spec, before.clusterIPs ?? [])),
    ...(headless || wasHeadless ? [] : familyChanges(spec, before.ipFamilies ?? [])),
  ];
}

const CHANGED = 'may not change once set';

function addressChanges({ clusterIPs, ipFamilyPolicy }: ServiceSpec, then: readonly string[]): FieldError[] {
  const now = clusterIPs ?? [];
  const changed = (i: number) => (now[i] === then[i] ? [] : [invalidValue(`spec.clusterIPs[${i}]`, clusterIPs, CHANGED)]);
  if (then.length === now.length) return then.flatMap((_, i) => changed(i));
  if (then.length < now.length) return then.length ? changed(0) : [];
  if (!now.length) return [invalidValue('spec.clusterIPs[0]', clusterIPs, 'primary clusterIP can not be unset')];
  return [...changed(0), ...(now.length === 1 ? released(ipFamilyPolicy, 'clusterIP') : [])];
}

function familyChanges({ clusterIPs, ipFamilies, ipFamilyPolicy }: ServiceSpec, then: readonly string[]): FieldError[] {
  const now = ipFamilies ?? [];
  const error = (value: unknown, why: string) => invalidValue('spec.ipFamilies[0]', value, why);
  if (then.length === now.length) return then.flatMap((family, i) => (family === now[i] ? [] : [error(ipFamilies, CHANGED)]));
  const first = now.length && then.length && now[0] !== then[0] ? [error(clusterIPs, CHANGED)] : [];
  if (then.length < now.length) return first;
  return [
    ...(clusterIPs?.length ? [] : [error(ipFamilies, 'primary ipFamily can not be unset')]),
    ...first,
    ...(now.length === 1 ? released(ipFamilyPolicy, 'ipFamily') : []),
  ];
}

const released = (policy: string | undefined, what: string): FieldError[] =>
  policy === 'SingleStack' ? [] : [invalidValue('spec.ipFamilyPolicy', policy, `must be set to 'SingleStack' when releasing the secondary ${what}`)];
