import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, oneOf, required } from '../../kube/validation/field.ts';
import { label, portNumber } from '../../kube/validation/names.ts';
import type { EndpointAddress, EndpointSubset, Endpoints } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { isIP } from './ip.ts';

/** Endpoints (ValidateEndpoints). */
export const strategy: Strategy<Endpoints> = {
  createOnUpdate: true,
  defaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },

  validate: ({ subsets = [] }) => subsets.flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`)),

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

/** An address that something outside the machine can have (ValidateEndpointIP). */
function validateAddress({ ip, hostname }: EndpointAddress, path: string): FieldError[] {
  const errors = hostname ? invalidValues(`${path}.hostname`, hostname, label(hostname)) : [];
  if (!isIP(ip)) return [...errors, invalidValue(`${path}.ip`, ip ?? '', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  const why = refused.find(([pattern]) => pattern.test(ip))?.[1];
  return why ? [...errors, invalidValue(`${path}.ip`, ip, why)] : errors;
}

const refused: readonly [RegExp, string][] = [
  [/^(0\.0\.0\.0|::)$/, 'may not be unspecified (0.0.0.0 or ::)'],
  [/^(127\.|::1$)/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab])/i, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff02)/i, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

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
