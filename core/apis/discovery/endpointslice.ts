import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, invalidValues, notSupported, oneOf, required, tooMany } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label, labelValue, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { DiscoveryEndpointPort, Endpoint, EndpointHints, EndpointSlice } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { isIPv4, isIPv6 } from '../core/ip.ts';
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
  validate: ({ addressType, endpoints = [], ports = [] }) => [
    ...oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']),
    ...(endpoints.length > MAX_ENDPOINTS
      ? [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)]
      : endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, `endpoints[${i}]`))),
    ...(ports.length > MAX_PORTS ? [tooMany('ports', ports.length, MAX_PORTS)] : validatePorts(ports)),
  ],
  validateUpdate: (slice, previous) => immutable('addressType', slice.addressType, previous.addressType),
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
    ...addresses.flatMap((address, i) => validateAddress(address, addressType, `${path}.addresses[${i}]`)),
    ...(nodeName === undefined ? [] : invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName))),
    ...(topologyCount > MAX_TOPOLOGY ? [tooMany(`${path}.deprecatedTopology`, topologyCount, MAX_TOPOLOGY)] : []),
    ...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalidValues(`${path}.hostname`, hostname, label(hostname))),
    ...(hints ? validateHints(hints, `${path}.hints`) : []),
  ];
}

function validateAddress(address: string, type: string, path: string): FieldError[] {
  if (type === 'IPv4') return isIPv4(address) ? validateEndpointAddress(address, path) : [invalidValue(path, address, 'must be a valid IPv4 address')];
  if (type === 'IPv6') return isIPv6(address) ? validateEndpointAddress(address, path) : [invalidValue(path, address, 'must be a valid IPv6 address')];
  if (type !== 'FQDN') return [];
  if (!address) return [required(path)];
  const name = address.endsWith('.') ? address.slice(0, -1) : address;
  const errors = invalidValues(path, name, subdomain(name));
  if (errors.length) return errors;
  return name.includes('.') ? [] : [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')];
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
  return [...each(forZones, `${path}.forZones`, labelValue), ...each(forNodes, `${path}.forNodes`, (name) => subdomain(name))];
}
