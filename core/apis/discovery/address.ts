import type { FieldError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { isWithin, parseCidr } from '../networking/cidr.ts';
import { parseSloppyIp } from '../networking/ip-values.ts';

const LOOPBACK = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';

/** Ranges that no endpoint can be in, and what a message says of them (ValidateEndpointIP in pkg/apis/core/validation). */
const SPECIAL = [
  { range: parseCidr('127.0.0.0/8')!, what: LOOPBACK },
  { range: parseCidr('169.254.0.0/16')!, what: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' },
  { range: parseCidr('fe80::/10')!, what: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' },
  { range: parseCidr('224.0.0.0/24')!, what: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)' },
  { range: parseCidr('ff02::/16')!, what: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)' },
];

/** Checks that an address of an endpoint leads somewhere: not to nowhere, the machine itself, or its link. */
export function validateEndpointAddress(address: string, path: string): FieldError[] {
  const ip = parseSloppyIp(address);
  if (!ip) return [invalidValue(path, address, 'must be a valid IP address')];
  if (ip.address === 0n) return [invalidValue(path, address, `may not be unspecified (${address})`)];
  if (ip.family === 6 && ip.address === 1n) return [invalidValue(path, address, LOOPBACK)];
  const whole = { ...ip, length: ip.family === 4 ? 32 : 128 };
  const special = SPECIAL.find(({ range }) => isWithin(whole, range));
  return special ? [invalidValue(path, address, special.what)] : [];
}
