import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, oneOf, required } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Node, NodeSpec, Taint } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { taintEffects } from './placement.ts';
import { validateResourceName, validateResourceQuantity } from './resource-requirements.ts';

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
  defaults({ spec, status }) {
    alignPodCidrs(spec);
    if (status?.capacity) status.allocatable ??= { ...status.capacity };
  },

  prepareForCreate(node) {
    node.spec ??= {};
    node.status ??= {};
  },

  validate: ({ spec, status }) => [...validateTaints(spec?.taints ?? [], 'spec.taints'), ...validateAmounts(status)],
  validateStatusUpdate: ({ status }) => validateAmounts(status),

  validateUpdate({ spec = {} }, { spec: before = {} }) {
    const errors: FieldError[] = [];
    // Both are set once: by what hands out networks, by what knows the machine.
    if (before.podCIDRs?.length && !same(spec.podCIDRs ?? null, before.podCIDRs)) {
      errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
    }
    if (before.providerID && spec.providerID !== before.providerID) {
      errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
    }
    return errors;
  },

  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },

  table,
};

/** `podCIDR` is the first of the `podCIDRs`, and goes before them where they differ (pkg/apis/core/v1/conversion.go). */
function alignPodCidrs(spec: NodeSpec | undefined): void {
  if (spec?.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  else if (spec?.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
}

function validateTaints(taints: readonly Taint[], path: string): FieldError[] {
  const pairs = repeats(taints, ({ key, effect }) => JSON.stringify([key, effect]));
  return taints.flatMap(({ key, value = '', effect }, i) => {
    const at = `${path}[${i}]`;
    const messages = labelValue(value);
    const repeated = pairs.has(i);
    return [
      ...(key ? invalidValues(`${at}.key`, key, qualifiedName(key)) : [required(`${at}.key`)]),
      ...(messages.length ? [invalidValue(`${at}.value`, value, messages.join(';'))] : []),
      ...oneOf(`${at}.effect`, effect, taintEffects),
      ...(repeated ? [{ ...duplicate(at, taints[i]), message: `${duplicate(at, taints[i]).message}: taints must be unique by key and effect pair` }] : []),
    ];
  });
}

function validateAmounts(status: Node['status']): FieldError[] {
  return Object.entries(status?.capacity ?? {}).flatMap(([name, quantity]) => [
    ...validateResourceName(name, `status.capacity.${name}`),
    ...validateResourceQuantity(name, quantity, `status.capacity.${name}`),
  ]);
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
