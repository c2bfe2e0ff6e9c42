import { milliValue } from '../../kube/quantity.ts';
import { quoted } from '../../kube/validation/field.ts';
import { labelValue } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type {
  Affinity,
  ContainerPort,
  NodeSelectorTerm,
  ObjectMeta,
  PersistentVolumeClaimSpec,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from '../../schema/generated/kinds.ts';
import { ipWarnings } from '../networking/ip-values.ts';
import { appArmorProfileOf, appArmorWarning, isPodProfile } from './app-armor-annotations.ts';
import { labelDeprecation, nodeSelectorTermWarnings } from './node-label-warnings.ts';
import { APPARMOR, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotations.ts';
import { containersOf, type PlacedContainer } from './pod-containers.ts';
import { overlapWarnings } from './volume-overlaps.ts';

/** What a client is told of a template that is valid and does not do what it seems to (GetWarningsForPodTemplate); `path` is that of the template. */
export const podTemplateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template?.spec ? podWarnings(template.metadata ?? {}, template.spec, `${path}.`) : [];

/** The same of a pod (GetWarningsForPod), with `before` the paths: nothing, or `spec.template.` for a template. */
export function podWarnings({ annotations = {} }: Pick<ObjectMeta, 'annotations'>, spec: PodSpec, before = ''): string[] {
  const path = `${before}spec`;
  const placed = containersOf(spec).map(({ container, at }) => ({ container, at: `${path}.${at}` }));
  const isTemplate = before !== '';
  return [
    ...placementWarnings(spec, path),
    ...annotationWarnings(annotations, `${before}metadata.annotations`),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeWarnings(volume, `${path}.volumes[${i}]`)),
    ...overlapWarnings(spec.volumes ?? []),
    ...repeated(
      spec.hostAliases ?? [],
      ({ ip }) => ip,
      (i, ip) => `${path}.hostAliases[${i}].ip: duplicate ip ${quoted(ip)}`,
    ),
    ...repeated(
      spec.imagePullSecrets ?? [],
      ({ name = '' }) => name,
      (i, name) => `${path}.imagePullSecrets[${i}].name: duplicate name ${quoted(name)}`,
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, i) => (name ? [] : [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`])),
    ...byteWarnings(spec.overhead, `${path}.overhead`),
    ...(annotations[SECCOMP_POD] !== undefined && !spec.securityContext?.seccompProfile
      ? [seccompWarning(`${before}metadata.annotations[${SECCOMP_POD}]`)]
      : []),
    ...placed.flatMap((container) => containerWarnings(container, { annotations, spec, path: `${before}metadata.annotations`, isTemplate })),
    ...portWarnings(placed),
    ...portNameWarnings(placed),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(spec.affinity, `${path}.affinity`),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((server, i) => ipWarnings(`${path}.dnsConfig.nameservers[${i}]`, server)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, i) => ipWarnings(`${path}.hostAliases[${i}].ip`, ip)),
  ];
}

function placementWarnings({ nodeSelector = {}, affinity, topologySpreadConstraints = [] }: PodSpec, path: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: must, preferredDuringSchedulingIgnoredDuringExecution: wishes = [] } = affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector)
      .sort()
      .flatMap((key) => {
        const why = labelDeprecation(key);
        return why ? [`${path}.nodeSelector[${key}]: ${why}`] : [];
      }),
    ...(must?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      nodeSelectorTermWarnings(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`),
    ),
    ...wishes.flatMap(({ preference }, i) => wishWarnings(preference ?? {}, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`)),
    ...topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, i) => {
      const why = labelDeprecation(topologyKey);
      return [
        ...(why ? [`${path}.topologySpreadConstraints[${i}].topologyKey: ${topologyKey} is ${why}`] : []),
        ...(labelSelector ? [] : [`${path}.topologySpreadConstraints[${i}].labelSelector: ${NULL_SELECTOR}`]),
      ];
    }),
  ];
}

const NULL_SELECTOR = 'a null labelSelector results in matching no pod';

/** A wish may compare with what no label can be. */
const wishWarnings = (term: NodeSelectorTerm, path: string): string[] =>
  (term.matchExpressions ?? []).flatMap((expression, i) => [
    ...nodeSelectorTermWarnings({ matchExpressions: [expression] }, path).map((text) => text.replace('matchExpressions[0]', `matchExpressions[${i}]`)),
    ...(expression.values ?? []).flatMap((value, j) =>
      labelValue(value).map((message) => `${path}.matchExpressions[${i}].values[${j}]: ${value} is invalid, ${message}`),
    ),
  ]);

const withoutEffect: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

const annotationWarnings = (annotations: Readonly<Record<string, string>>, path: string): string[] =>
  Object.entries(withoutEffect).flatMap(([key, why]) => (annotations[key] === undefined ? [] : [`${path}[${key}]: ${why}`]));

const seccompWarning = (path: string) => `${path}: non-functional in v1.27+; use the "seccompProfile" field instead`;

/** Sources of volumes that do nothing any more, in the order in which Kubernetes looks at them. */
const goneSources: readonly [name: keyof Volume, path: string, why: string][] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings(volume: Volume, path: string): string[] {
  return [
    ...goneSources.filter(([name]) => volume[name] !== undefined).map(([, name, why]) => `${path}.${name}: ${why}`),
    ...claimSpecWarnings(volume.ephemeral?.volumeClaimTemplate?.spec ?? {}, `${path}.ephemeral.volumeClaimTemplate.spec`),
  ];
}

/** What a client is told of the spec of a PersistentVolumeClaim or of a template of one (GetWarningsForPersistentVolumeClaimSpec). */
export const claimSpecWarnings = ({ resources }: PersistentVolumeClaimSpec, path: string): string[] => [
  ...fractionWarning(resources?.requests, 'storage', `${path}.resources.requests`),
  ...fractionWarning(resources?.limits, 'storage', `${path}.resources.limits`),
];

type Amounts = Readonly<Record<string, string>> | undefined;

const byteWarnings = (amounts: Amounts, path: string): string[] => ['memory', 'ephemeral-storage'].flatMap((name) => fractionWarning(amounts, name, path));

function fractionWarning(amounts: Amounts, name: string, path: string): string[] {
  const amount = amounts?.[name];
  return amount === undefined || milliValue(amount) % 1000 === 0
    ? []
    : [`${path}[${name}]: fractional byte value ${quoted(amount)} is invalid, must be an integer`];
}

function repeated<T>(list: readonly T[], keyOf: (element: T) => string, warning: (i: number, key: string) => string): string[] {
  return [...repeats(list, keyOf)].map((i) => warning(i, keyOf(list[i]!)));
}

interface Around {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** That of the annotations. */
  readonly path: string;
  readonly isTemplate: boolean;
}

function containerWarnings({ container, at }: PlacedContainer, { annotations, spec, path, isTemplate }: Around): string[] {
  const { name, securityContext, resources = {}, env = [] } = container;
  const seccomp = `${SECCOMP_CONTAINER}${name}`;
  const appArmor = `${APPARMOR}${name}`;
  const ofMemory = fractions(resources.limits, resources.requests, 'memory', at);
  return [
    ...(annotations[seccomp] !== undefined && !securityContext?.seccompProfile ? [seccompWarning(`${path}[${seccomp}]`)] : []),
    ...(isTemplate && annotations[appArmor] !== undefined && !securityContext?.appArmorProfile && !isPodProfile(appArmorProfileOf(annotations[appArmor]), spec)
      ? [appArmorWarning(`${path}[${appArmor}]`)]
      : []),
    ...ofMemory,
    ...fractions(resources.limits, resources.requests, 'ephemeral-storage', at),
    ...[...repeats(env, (variable) => variable.name)]
      .filter((i) => env[i]!.valueFrom || env[i]!.value === `$(${env[i]!.name})` || !env[i]!.value?.includes(`$(${env[i]!.name})`))
      .map((i) => `${at}.env[${i}]: hides previous definition of ${quoted(env[i]!.name)}, which may be dropped when using apply`),
  ];
}

const fractions = (limits: Amounts, requests: Amounts, name: string, at: string) => [
  ...fractionWarning(limits, name, `${at}.resources.limits`),
  ...fractionWarning(requests, name, `${at}.resources.requests`),
];

function portWarnings(placed: readonly PlacedContainer[]): string[] {
  const known = new Map<string, { at: string; port: ContainerPort }[]>();
  return portsOf(placed).flatMap(({ at, port }) => {
    const { hostIP = '', hostPort = 0, containerPort, protocol = '' } = port;
    const warnings =
      hostIP && !hostPort
        ? [`${at}: hostIP set without hostPort: {Name:${port.name ?? ''} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`]
        : [];
    const key = `${containerPort}/${protocol}`;
    const others = known.get(key) ?? [];
    for (const other of others) {
      const [otherIP, otherPort] = [other.port.hostIP ?? '', other.port.hostPort ?? 0];
      if (hostIP === otherIP && hostPort === otherPort) warnings.push(`${at}: duplicate port definition with ${other.at}`);
      else if (!hostPort || !otherPort) warnings.push(`${at}: overlapping port definition with ${other.at}`);
      else if (hostPort === otherPort && !hostIP !== !otherIP) warnings.push(`${at}: dangerously ambiguous port definition with ${other.at}`);
    }
    known.set(key, [...others, { at, port }]);
    return warnings;
  });
}

function portNameWarnings(placed: readonly PlacedContainer[]): string[] {
  const known = new Map<string, string>();
  return portsOf(placed).flatMap(({ at, port: { name } }) => {
    if (!name) return [];
    const other = known.get(name);
    if (other === undefined) known.set(name, at);
    return other === undefined
      ? []
      : [`${at}: duplicate port name ${quoted(name)} with ${other}, services and probes that select ports by name will use ${other}`];
  });
}

const portsOf = (placed: readonly PlacedContainer[]) =>
  placed.flatMap(({ container: { ports = [] }, at }) => ports.map((port, i) => ({ port, at: `${at}.ports[${i}]` })));

const affinityWarnings = (affinity: Affinity | undefined, path: string): string[] =>
  (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: must = [], preferredDuringSchedulingIgnoredDuringExecution: wishes = [] } = affinity?.[kind] ?? {};
    return [
      ...must.flatMap(({ labelSelector }, i) =>
        labelSelector ? [] : [`${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${NULL_SELECTOR}`],
      ),
      ...wishes.flatMap(({ podAffinityTerm }, i) =>
        podAffinityTerm?.labelSelector
          ? []
          : [`${path}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${NULL_SELECTOR}`],
      ),
    ];
  });
