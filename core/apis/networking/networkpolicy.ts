import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { portName, portNumber } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, formatLabelSelector, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { isWithin } from './cidr.ts';
import { cidrWarnings, parseSloppyCidr, validateCidr } from './ip-values.ts';

/** networking.k8s.io/v1 NetworkPolicy (pkg/apis/networking/v1/defaults.go, pkg/apis/networking/validation). Nothing enforces it here. */
export const strategy: Strategy<NetworkPolicy> = {
  generation: 'spec',
  defaults(policy) {
    policy.spec ??= {} as NetworkPolicySpec;
    const { spec } = policy;
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of ports ?? []) port.protocol ??= 'TCP';
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: ({ spec = {} as NetworkPolicySpec }, previous) => {
    const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec;
    const before = previous?.spec;
    const known: Known = {
      strict: !before || validateLabelSelector(before.podSelector, '', { strict: true }).length === 0,
      cidrs: blocksOf(before).flatMap(({ block: { cidr, except = [] } }) => [cidr, ...except]),
    };
    return [
      ...validateLabelSelector(podSelector, 'spec.podSelector', known),
      ...ingress.flatMap((rule, i) => validateRule(rule.ports, rule.from, `spec.ingress[${i}].from`, known)),
      ...egress.flatMap((rule, i) => validateRule(rule.ports, rule.to, `spec.egress[${i}].to`, known)),
      ...validatePolicyTypes(policyTypes, 'spec.policyTypes'),
    ];
  },
  warnings: ({ spec }) =>
    blocksOf(spec).flatMap(({ path, block: { cidr, except = [] } }) => [
      ...cidrWarnings(`${path}.cidr`, cidr),
      ...except.flatMap((part, i) => cidrWarnings(`${path}.except[${i}]`, part)),
    ]),
  table: {
    columns: [
      nameColumn,
      column(
        'Pod-Selector',
        'string',
        "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector.",
      ),
      ageColumn,
    ],
    cells: (policy, now) => [policy.metadata.name, formatLabelSelector(policy.spec?.podSelector), ageOf(policy, now)],
  },
};

/** Of an update, what was let pass before, and may stay. */
interface Known {
  readonly strict: boolean;
  readonly cidrs: readonly string[];
}

/** All ranges that a policy names. */
const blocksOf = (spec: NetworkPolicySpec | undefined): { path: string; block: IPBlock }[] =>
  [
    ...(spec?.ingress ?? []).map(({ from }, i) => ({ peers: from, path: `spec.ingress[${i}].from` })),
    ...(spec?.egress ?? []).map(({ to }, i) => ({ peers: to, path: `spec.egress[${i}].to` })),
  ].flatMap(({ peers = [], path }) => peers.flatMap(({ ipBlock }, j) => (ipBlock ? [{ path: `${path}[${j}].ipBlock`, block: ipBlock }] : [])));

/** `path` is that of the peers, beside the ports. */
const validateRule = (ports: readonly NetworkPolicyPort[] = [], peers: readonly NetworkPolicyPeer[] = [], path: string, known: Known): FieldError[] => [
  ...ports.flatMap((port, i) => validatePort(port, `${path.slice(0, path.lastIndexOf('.'))}.ports[${i}]`)),
  ...peers.flatMap((peer, i) => validatePeer(peer, `${path}[${i}]`, known)),
];

function validatePolicyTypes(types: readonly string[], path: string): FieldError[] {
  if (types.length > 2) return [invalidValue(path, types, 'may not specify more than two policyTypes')];
  return types.flatMap((type, i) => (type === 'Ingress' || type === 'Egress' ? [] : [notSupported(`${path}[${i}]`, type, ['Ingress', 'Egress'])]));
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = protocol === undefined || PROTOCOLS.includes(protocol) ? [] : [notSupported(`${path}.protocol`, protocol, PROTOCOLS)];
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalidValue(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidValues(`${path}.port`, port, portName(port))];
  }
  if (port === undefined) {
    if (endPort !== undefined) errors.push(invalidValue(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified'));
    return errors;
  }
  errors.push(...invalidValues(`${path}.port`, port, portNumber(port)));
  if (endPort !== undefined) {
    if (endPort < port) errors.push(invalidValue(`${path}.endPort`, port, 'must be greater than or equal to `port`'));
    errors.push(...invalidValues(`${path}.endPort`, endPort, portNumber(endPort)));
  }
  return errors;
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string, known: Known): FieldError[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [required(path, 'must specify a peer')];
  return [
    ...validateLabelSelector(podSelector, `${path}.podSelector`, known),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`, known),
    ...(ipBlock ? validateIPBlock(ipBlock, `${path}.ipBlock`, known) : []),
    ...(ipBlock && (podSelector || namespaceSelector) ? [forbiddenField(path, 'may not specify both ipBlock and another peer')] : []),
  ];
}

function validateIPBlock({ cidr: text, except = [] }: IPBlock, path: string, { cidrs }: Known): FieldError[] {
  if (!text) return [required(`${path}.cidr`)];
  const errors = validateCidr(`${path}.cidr`, text, cidrs);
  const cidr = parseSloppyCidr(text);
  if (!cidr) return errors;
  return [
    ...errors,
    ...except.flatMap((part, i) => {
      const inner = parseSloppyCidr(part);
      return [
        ...validateCidr(`${path}.except[${i}]`, part, cidrs),
        ...(inner && !isWithin(inner, cidr) ? [invalidValue(`${path}.except[${i}]`, part, 'must be a strict subset of `cidr`')] : []),
      ];
    }),
  ];
}
