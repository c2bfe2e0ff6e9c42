import { cut } from '../../kube/bounded-text.ts';
import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, internalError, invalidValue, invalidValues, oneOf, positive, quoted } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Node, NodeSpec, NodeStatus, Taint } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { parseCidr } from '../networking/cidr.ts';
import { cidrWarnings, validateCidr } from '../networking/ip-values.ts';
import type { Strategy, Table } from '../strategy.ts';
import { heartbeatOfNode } from './heartbeats.ts';
import { shutdownWarnings } from './node-shutdown.ts';
import { taintEffects } from './placement.ts';
import { defaultResourceList } from './resource-list.ts';
import { validateResourceQuantity } from './resource-requirements.ts';

const table: Table<Node> = {
  columns: [
    nameColumn,
    column('Status', 'string', 'The status of the node'),
    column('Roles', 'string', 'The roles of the node'),
    ageColumn,
    column('Version', 'string', 'Kubelet Version reported by the node.'),
    column(
      'Internal-IP',
      'string',
      "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).",
      'wide',
    ),
    column(
      'External-IP',
      'string',
      "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).",
      'wide',
    ),
    column('OS-Image', 'string', 'OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).', 'wide'),
    column('Kernel-Version', 'string', "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).", 'wide'),
    column('Container-Runtime', 'string', 'ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).', 'wide'),
  ],
  cells(node, now) {
    const { kubeletVersion, osImage, kernelVersion, containerRuntimeVersion } = node.status?.nodeInfo ?? {};
    return [
      node.metadata.name,
      statusOf(node),
      rolesOf(node),
      ageOf(node, now),
      kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      osImage || '<unknown>',
      kernelVersion || '<unknown>',
      containerRuntimeVersion || '<unknown>',
    ];
  },
};

/** Nodes (pkg/registry/core/node/strategy.go). What a node says of itself when it registers is kept, its status too. */
export const strategy: Strategy<Node> = {
  shownInTime: heartbeatOfNode,
  defaults(node) {
    if (node.spec) pairPodCIDRs(node.spec);
    const { status } = node;
    if (status?.capacity) status.allocatable ??= { ...status.capacity };
    defaultResourceList(status?.capacity);
    defaultResourceList(status?.allocatable);
  },

  prepareForCreate(node) {
    node.spec ??= {};
    // The dynamic configuration of kubelets is gone.
    delete node.spec.configSource;
    node.status ??= {};
    delete node.status.config;
    showNodeInfo(node.status);
  },

  prepareForUpdate({ spec }, previous) {
    if (!previous.spec?.configSource) delete spec?.configSource;
  },

  prepareForStatusUpdate({ status }) {
    delete status?.config;
    if (status) showNodeInfo(status);
  },

  validate: ({ spec, status }) => [
    ...validateTaints(spec?.taints ?? []),
    ...validateAmounts(status),
    ...positive('metadata.nodeSwapStatus.capacity', status?.nodeInfo?.swap?.capacity),
    ...validateDeclaredFeatures(status?.declaredFeatures ?? []),
    ...validatePodCIDRs(spec?.podCIDRs ?? []),
  ],
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: (node, previous) => validateNodeUpdate(node, previous),

  warnings: (node) => [
    ...(node.spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(node.spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(node.spec?.podCIDRs ?? []).flatMap((cidr, i) => cidrWarnings(`spec.podCIDRs[${i}]`, cidr)),
    ...shutdownWarnings(node),
  ],

  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },

  table,
};

/** `podCIDR` is the first of `podCIDRs`, and prevails where they differ (pkg/apis/core/v1/conversion.go). */
function pairPodCIDRs(spec: NodeSpec): void {
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR];
  if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0]!;
}

/** These are shown of every node, also where nothing is known of them. */
function showNodeInfo(status: NodeStatus): void {
  status.daemonEndpoints = { ...status.daemonEndpoints, kubeletEndpoint: { Port: 0, ...status.daemonEndpoints?.kubeletEndpoint } };
  status.nodeInfo = { ...NO_INFO, ...status.nodeInfo };
}

const NO_INFO = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

/** Checks taints; the path of these errors is not that of the field, as in Kubernetes (validateNodeTaints). */
function validateTaints(taints: readonly Taint[]): FieldError[] {
  const pairs = repeats(taints, ({ key, effect }) => JSON.stringify([key, effect]));
  return taints.flatMap((taint, i) => {
    const { key = '', value = '', effect } = taint;
    const at = `metadata.taints[${i}]`;
    const messages = labelValue(value);
    const repeated = duplicate(at, goValue('core.Taint', taint));
    return [
      ...invalidValues(`${at}.key`, key, qualifiedName(key)),
      ...(messages.length ? [invalidValue(`${at}.value`, value, messages.join(';'))] : []),
      ...oneOf(`${at}.effect`, effect, taintEffects),
      ...(pairs.has(i) ? [{ ...repeated, message: `${repeated.message}: taints must be unique by key and effect pair` }] : []),
    ];
  });
}

const validateAmounts = (status: Node['status']): FieldError[] =>
  (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status?.[field] ?? {}).flatMap(([name, quantity]) => validateResourceQuantity(name, quantity, `status.${field}.${name}`)),
  );

const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const FEATURE_FORM =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

/** Sorted names, each once (validateNodeDeclaredFeatures). */
function validateDeclaredFeatures(features: readonly string[]): FieldError[] {
  return features.flatMap((feature, i) => {
    const at = `status.declaredFeatures[${i}]`;
    const before = features[i - 1];
    const malformed = feature.length > 253 ? 'must be no more than 253 characters' : FEATURE.test(feature) ? undefined : FEATURE_FORM;
    return [
      ...(before === feature ? [duplicate(at, feature)] : []),
      ...(before !== undefined && before > feature ? [invalidValue(at, feature, 'list must be sorted alphabetically')] : []),
      ...(malformed ? [invalidValue(at, feature, `invalid feature name ${quoted(feature)}: ${malformed}`)] : []),
    ];
  });
}

function validatePodCIDRs(cidrs: readonly string[]): FieldError[] {
  const errors = cidrs.flatMap((cidr, i) => validateCidr(`spec.podCIDRs[${i}]`, cidr));
  if (cidrs.length < 2) return errors;
  const families = cidrs.map((cidr) => parseCidr(cidr)?.family);
  const malformed = families.indexOf(undefined);
  if (malformed >= 0) errors.push(internalError('spec.podCIDRs', notDualStack(malformed, cidrs[malformed]!)));
  if (malformed >= 0 || cidrs.length > 2 || families[0] === families[1])
    errors.push(invalidValue('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'));
  return errors;
}

const notDualStack = (i: number, cidr: string) =>
  `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${i}]: <nil> (invalid CIDR address: ${cut(cidr)})`;

/** What is set once: by what hands out networks, by what knows the machine (ValidateNodeUpdate). */
function validateNodeUpdate({ spec = {}, status = {} }: Node, { spec: before = {} }: Node): FieldError[] {
  const once = (field: string, what: string) => forbiddenField(`spec.${field}`, `node updates may not change ${what} except from "" to valid`);
  const addresses = repeats(status.addresses ?? [], ({ type, address }) => JSON.stringify([type, address]));
  const [cidrs, had] = [spec.podCIDRs ?? [], before.podCIDRs ?? []];
  return [
    ...validateAmounts(status),
    ...validateDeclaredFeatures(status.declaredFeatures ?? []),
    ...(status.addresses ?? []).flatMap(({ type, address }, i) =>
      addresses.has(i) ? [duplicate(`status.addresses[${i}]`, { Type: type, Address: address })] : [],
    ),
    ...(had.length && had.length !== cidrs.length ? [once('podCIDRs', 'podCIDR')] : []),
    ...(had.length === cidrs.length ? had.flatMap((cidr, i) => (cidr === cidrs[i] ? [] : [once('podCIDRs', 'podCIDR')])) : []),
    ...(before.providerID && spec.providerID !== before.providerID ? [once('providerID', 'providerID')] : []),
    ...validateTaints(spec.taints ?? []),
    ...((spec.externalID ?? '') === (before.externalID ?? '') ? [] : [forbiddenField('spec.externalID', 'may not be updated')]),
  ];
}

function statusOf({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const word = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return [...new Set(roles.filter(Boolean))].sort().join(',') || '<none>';
}

const addressOf = ({ status }: Node, type: string): string => status?.addresses?.find((address) => address.type === type)?.address || '<none>';
