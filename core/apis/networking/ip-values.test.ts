import { describe, expect, it } from 'vitest';
import { texts } from '../../testing/strategies.ts';
import { parseIp } from './cidr.ts';
import { cidrWarnings, ipText, ipWarnings, validateCanonicalCidr, validateCanonicalIp, validateCidr, validateIp } from './ip-values.ts';

/** k8s.io/apimachinery/pkg/util/validation/ip_test.go asks the same. */
describe('an IP address', () => {
  it.each([
    { text: '1.2.3.4', legacy: [], canonical: [] },
    { text: '01.2.3.4', legacy: ['a: Invalid value: "01.2.3.4": must not have leading 0s'] },
    { text: '::ffff:1.2.3.4', legacy: ['a: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'] },
    { text: 'FE80::0abc', legacy: [], canonical: ['a: Invalid value: "FE80::0abc": must be in canonical form ("fe80::abc")'] },
    { text: '1.2.3', legacy: ['a: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] },
    { text: 'fe80::1%eth0', legacy: ['a: Invalid value: "fe80::1%eth0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] },
  ])('$text', ({ text, legacy, canonical = legacy }) => {
    expect(texts(validateIp('a', text))).toEqual(legacy);
    expect(texts(validateCanonicalIp('a', text))).toEqual(canonical);
    expect(validateIp('a', text, [text])).toEqual([]);
  });

  it.each([
    { text: '2001:db8:0:0:1:0:0:1', want: '2001:db8::1:0:0:1' },
    { text: '0:0:0:0:0:0:0:0', want: '::' },
    { text: '1:0:0:0:0:0:0:0', want: '1::' },
    { text: '1:0:2:3:4:5:6:7', want: '1:0:2:3:4:5:6:7' },
  ])('$text is $want', ({ text, want }) => expect(ipText(parseIp(text)!)).toBe(want));

  it.each([
    { text: '1.2.3.4', want: [] },
    { text: '010.2.3.4', want: ['a: non-standard IP address "010.2.3.4" is invalid: use "10.2.3.4"'] },
    { text: '::ffff:1.2.3.4', want: ['a: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"'] },
    { text: '2001:DB8::1', want: ['a: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'] },
    { text: 'x', want: [] },
  ])('$text warns of $want', ({ text, want }) => expect(ipWarnings('a', text)).toEqual(want));
});

describe('a CIDR', () => {
  it.each([
    { text: '10.0.0.0/8', legacy: [], canonical: [] },
    { text: '10.0.0.0/08', legacy: ['a: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length'] },
    { text: '::ffff:10.0.0.0/104', legacy: ['a: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address'] },
    { text: '10.0.0.1/8', legacy: ['a: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'] },
    { text: '2001:0db8::/32', legacy: [], canonical: ['a: Invalid value: "2001:0db8::/32": must be in canonical form ("2001:db8::/32")'] },
    { text: '10.0.0.0/33', legacy: ['a: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'] },
  ])('$text', ({ text, legacy, canonical = legacy }) => {
    expect(texts(validateCidr('a', text))).toEqual(legacy);
    expect(texts(validateCanonicalCidr('a', text))).toEqual(canonical);
  });

  it.each([
    { text: '10.0.0.0/8', want: [] },
    { text: '10.0.0.1/8', want: ['a: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'] },
    { text: '010.0.0.0/8', want: ['a: non-standard CIDR value "010.0.0.0/8" is invalid: use "10.0.0.0/8"'] },
    { text: '2001:DB8::/32', want: ['a: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")'] },
  ])('$text warns of $want', ({ text, want }) => expect(cidrWarnings('a', text)).toEqual(want));
});
