import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, invalidValues, notSupported, oneOf, required, tooMany } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label, labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { DiscoveryEndpointPort, Endpoint, EndpointHints, EndpointSlice } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { ipWarnings, parseSloppyIp, validateCanonicalIp, validateIp } from '../networking/ip-values.ts';
import type { Strategy } from '../strategy.ts';
import { validateEndpointAddress } from './address.ts';

/** discovery.k8s.io/v1 EndpointSlice (pkg/apis/discovery/v1/defaults.go, pkg/apis/discovery/validation). */
export const strategy: Strategy<EndpointSlice> = {
  metadataUpdateRules: 'generic',
  generation: 'spec or labels',
  defaults(slice) {
    slice.endpoints ??= [];
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate: (slice) => dropTopology(slice, undefined),
  prepareForUpdate(slice, previous) {
    dropTopology(slice, previous);
    // Its labels count as what it says.
    if (!sameContent(slice, previous)) slice.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  },
  validate(slice, previous) {
    const { addressType, endpoints = [], ports = [] } = slice;
    const errors =
      endpoints.length > MAX_ENDPOINTS
        ? [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)]
        : endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`));
    return [
      ...oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']),
      ...(ports.length > MAX_PORTS ? [tooMany('ports', ports.length, MAX_PORTS)] : validatePorts(ports)),
      // What an older Kubernetes let pass may stay.
      ...(errors.length && previous && same(endpoints, previous.endpoints ?? []) ? [] : errors),
    ];
  },
  validateUpdate: (slice, previous) => immutable('addressType', slice.addressType, previous.addressType),
  warnings: ({ metadata, addressType, endpoints = [] }, previous) => [
    ...(addressType === 'FQDN' && !previous ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...(CONTROLLERS.includes(metadata.labels?.[MANAGED_BY] ?? '') || addressType === 'FQDN'
      ? []
      : endpoints.flatMap(({ addresses = [] }, i) => addresses.flatMap((address, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, address)))),
  ],
  table: {
    columns: [
      nameColumn,
      column(
        'AddressType',
        'string',
        'addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation.',
      ),
      column('Ports', 'string', 'ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name.'),
      column('Endpoints', 'string', 'endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.'),
      ageColumn,
    ],
    cells: (slice, now) => [
      slice.metadata.name,
      slice.addressType,
      firstThree((slice.ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port)))),
      firstThree((slice.endpoints ?? []).flatMap(({ addresses }) => addresses)),
      ageOf(slice, now),
    ],
  },
};

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

const HOSTNAME = 'kubernetes.io/hostname';

/** v1 shows the topology of v1beta1 and does not write it; the name of the node that it held is not lost (dropTopologyOnV1). */
function dropTopology(slice: EndpointSlice, previous: EndpointSlice | undefined): void {
  if (previous && same(slice.endpoints ?? [], previous.endpoints ?? [])) return;
  const known = new Set(previous?.endpoints?.map(({ deprecatedTopology }) => deprecatedTopology?.[HOSTNAME]));
  for (const endpoint of slice.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOSTNAME];
    if (node && endpoint.nodeName === undefined && known.has(node) && !subdomain(node).length) endpoint.nodeName = node;
    delete endpoint.deprecatedTopology;
  }
}

function sameContent(slice: EndpointSlice, previous: EndpointSlice): boolean {
  const content = ({ metadata, ...rest }: EndpointSlice) => ({ ...rest, labels: metadata.labels ?? {} });
  return same(content(slice), content(previous));
}

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_TOPOLOGY = 16;
const MAX_HINTS = 8;

function firstThree(texts: readonly string[]): string {
  if (texts.length > 3) return `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...`;
  return texts.join(',') || '<unset>';
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], nodeName, deprecatedTopology = {}, hostname, hints } = endpoint;
  const topologyCount = Object.keys(deprecatedTopology).length;
  return [
    ...(addresses.length ? [] : [required(`${path}.addresses`, 'must contain at least 1 address')]),
    ...(addresses.length > MAX_ADDRESSES ? [tooMany(`${path}.addresses`, addresses.length, MAX_ADDRESSES)] : []),
    ...addresses.flatMap((address, i) => validateAddress(address, addressType, `${path}.addresses`, i)),
    ...(nodeName === undefined ? [] : invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName))),
    ...(topologyCount > MAX_TOPOLOGY ? [tooMany(`${path}.deprecatedTopology`, topologyCount, MAX_TOPOLOGY)] : []),
    ...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalidValues(`${path}.hostname`, hostname, label(hostname))),
    ...(hints ? validateHints(hints, `${path}.hints`) : []),
  ];
}

/** `path` is that of the list. Types that are not known are not checked. */
function validateAddress(address: string, type: string, path: string, i: number): FieldError[] {
  const at = `${path}[${i}]`;
  if (type === 'FQDN') return validateFullName(address, at);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = type === 'IPv4' ? validateIp(at, address) : validateCanonicalIp(at, address);
  if (errors.length) return errors;
  const fits = `IPv${parseSloppyIp(address)!.family}` === type;
  return [...(fits ? [] : [invalidValue(path, address, `must be an ${type} address`)]), ...validateEndpointAddress(address, at)];
}

/** A domain of two labels at least (IsFullyQualifiedDomainName). */
function validateFullName(address: string, path: string): FieldError[] {
  if (!address) return [required(path)];
  const name = address.endsWith('.') ? address.slice(0, -1) : address;
  const messages = subdomain(name);
  if (messages.length) return [invalidValue(path, name, messages.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')];
  const long = labels.find((part) => label(part).length > 0);
  return long === undefined ? [] : [invalidValue(path, long, label(long).join(','))];
}

function validatePorts(ports: readonly DiscoveryEndpointPort[]): FieldError[] {
  const repeated = repeats(ports, ({ name = '' }) => name);
  return ports.flatMap((port, i) => validatePort(port, `ports[${i}]`, repeated.has(i)));
}

function validatePort({ name = '', protocol, appProtocol }: DiscoveryEndpointPort, path: string, repeated: boolean): FieldError[] {
  const protocols = ['SCTP', 'TCP', 'UDP'];
  return [
    ...(name ? invalidValues(`${path}.name`, name, label(name)) : []),
    ...(repeated ? [duplicate(`${path}.name`, name)] : []),
    ...(protocol === undefined ? [required(`${path}.protocol`)] : []),
    ...(protocol !== undefined && !protocols.includes(protocol) ? [notSupported(`${path}.protocol`, protocol, protocols)] : []),
    ...(appProtocol === undefined ? [] : invalidValues(`${path}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
  ];
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string): FieldError[] {
  const each = (hints: readonly { name: string }[], field: string, check: (name: string) => string[]) =>
    hints.length > MAX_HINTS
      ? [tooMany(field, hints.length, MAX_HINTS)]
      : hints.flatMap(({ name }, i) => [
          ...(hints.findIndex((other) => other.name === name) < i ? [duplicate(`${field}[${i}].name`, name)] : []),
          ...invalidValues(`${field}[${i}].name`, name, check(name)),
        ]);
  const zones = each(forZones, `${path}.forZones`, labelValue);
  return forZones.length > MAX_HINTS ? zones : [...zones, ...each(forNodes, `${path}.forNodes`, subdomain)];
}
