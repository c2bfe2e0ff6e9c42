import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValues, oneOf, required } from '../../kube/validation/field.ts';
import { label, portNumber, subdomain } from '../../kube/validation/names.ts';
import type { EndpointAddress, EndpointSubset, Endpoints } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { validateEndpointAddress } from '../discovery/address.ts';
import { ipWarnings, validateIp } from '../networking/ip-values.ts';
import type { Strategy } from '../strategy.ts';

/** Endpoints (ValidateEndpoints). */
export const strategy: Strategy<Endpoints> = {
  createOnUpdate: true,
  defaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },

  validate({ subsets = [] }, previous) {
    const errors = subsets.flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`));
    // What an older Kubernetes let pass may stay.
    return errors.length && previous && same(subsets, previous.subsets ?? []) ? [] : errors;
  },

  warnings: ({ metadata, subsets = [] }) =>
    metadata.labels?.[MANAGED_BY] === 'endpoint-controller'
      ? []
      : subsets.flatMap((subset, i) =>
          (['addresses', 'notReadyAddresses'] as const).flatMap((field) =>
            (subset[field] ?? []).flatMap(({ ip }, j) => ipWarnings(`subsets[${i}].${field}[${j}].ip`, ip)),
          ),
        ),

  table: {
    columns: [
      nameColumn,
      column(
        'Endpoints',
        'string',
        'The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share. A single address with multiple ports, some of which are ready and some of which are not (because they come from different containers) will result in the address being displayed in different subsets for the different ports. No address will appear in both Addresses and NotReadyAddresses in the same subset. Sets of addresses and ports that comprise a service.',
      ),
      ageColumn,
    ],
    cells: (endpoints, now) => [endpoints.metadata.name, formatEndpoints(endpoints.subsets ?? []), ageOf(endpoints, now)],
  },
};

function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, path: string): FieldError[] {
  return [
    ...(addresses.length || notReadyAddresses.length ? [] : [required(path, 'must specify `addresses` or `notReadyAddresses`')]),
    ...addresses.flatMap((address, i) => validateAddress(address, `${path}.addresses[${i}]`)),
    ...notReadyAddresses.flatMap((address, i) => validateAddress(address, `${path}.notReadyAddresses[${i}]`)),
    ...ports.flatMap(({ name, port, protocol }, i) => [
      ...(name ? invalidValues(`${path}.ports[${i}].name`, name, label(name)) : ports.length > 1 ? [required(`${path}.ports[${i}].name`)] : []),
      ...invalidValues(`${path}.ports[${i}].port`, port, portNumber(port)),
      ...oneOf(`${path}.ports[${i}].protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
    ]),
  ];
}

/** validateEndpointAddress: what is no address is said twice. */
function validateAddress({ ip = '', hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  return [
    ...validateIp(`${path}.ip`, ip),
    ...(hostname ? invalidValues(`${path}.hostname`, hostname, label(hostname)) : []),
    ...(nodeName === undefined ? [] : invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName))),
    ...validateEndpointAddress(ip, `${path}.ip`),
  ];
}

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';

const SHOWN = 3;

/** The first few, and how many more. */
function formatEndpoints(subsets: readonly EndpointSubset[]): string {
  if (!subsets.length) return '<none>';
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (!ports.length) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
  });
  const text = all.slice(0, SHOWN).join(',');
  return all.length > SHOWN ? `${text} + ${all.length - SHOWN} more...` : text;
}
