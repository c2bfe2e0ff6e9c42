import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { underscoredSubdomain } from '../../kube/validation/names.ts';
import type { PodSpec } from '../../schema/generated/kinds.ts';
import { isIP } from './ip.ts';

/** Checks `dnsConfig` against `dnsPolicy` and the limits of resolvers (validatePodDNSConfig). */
export function validateDnsConfig({ dnsConfig, dnsPolicy }: PodSpec, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (!nameservers.length) return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  return [
    ...(nameservers.length > 3 ? [invalidValue(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers')] : []),
    ...nameservers.flatMap((server, i) =>
      isIP(server) ? [] : [invalidValue(`${path}.nameservers[${i}]`, server, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')],
    ),
    ...(searches.length > 32 ? [invalidValue(`${path}.searches`, searches, 'must not have more than 32 search paths')] : []),
    ...(searches.join(' ').length > 2048
      ? [invalidValue(`${path}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list')]
      : []),
    // A search path may end in a dot, be one, and have underscores.
    ...searches
      .map((search) => search.replace(/(?!^)\.$/, ''))
      .flatMap((search, i) => (search === '.' ? [] : invalidValues(`${path}.searches[${i}]`, search, underscoredSubdomain(search)))),
    ...options.flatMap(({ name }, i) => (name ? [] : [required(`${path}.options[${i}]`, 'must not be empty')])),
  ];
}
