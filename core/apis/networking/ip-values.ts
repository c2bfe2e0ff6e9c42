import type { FieldError } from '../../kube/status.ts';
import { invalidValue, quoted } from '../../kube/validation/field.ts';
import { parseCidr, parseIp } from './cidr.ts';

/**
 * Fields that hold an IP address or a CIDR, checked as apimachinery does (`pkg/util/validation/ip.go`) with the feature gate StrictIPCIDRValidation, which is on
 * since Kubernetes 1.36. What an older Kubernetes took is recognised, so that the error says what is wrong with it.
 */

/** An address whose form need not be canonical. What the object had before (`accepted`) may stay (IsValidIPForLegacyField). */
export function validateIp(path: string, text: string, accepted: readonly string[] = []): FieldError[] {
  if (accepted.includes(text)) return [];
  const ip = parseIp(text);
  if (!ip)
    return [invalidValue(path, text, parseSloppyIp(text) ? 'must not have leading 0s' : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  return isMapped(ip) ? [invalidValue(path, text, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** An address in its canonical form (IsValidIP). */
export function validateCanonicalIp(path: string, text: string): FieldError[] {
  const errors = validateIp(path, text);
  if (errors.length) return errors;
  const canonical = ipText(parseIp(text)!);
  return text === canonical ? [] : [invalidValue(path, text, `must be in canonical form (${quoted(canonical)})`)];
}

/** A network whose form need not be canonical. What the object had before (`accepted`) may stay (IsValidCIDRForLegacyField). */
export function validateCidr(path: string, text: string, accepted: readonly string[] = []): FieldError[] {
  if (accepted.includes(text)) return [];
  const sloppy = parseSloppyCidr(text);
  if (!sloppy) return [invalidValue(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  const cidr = parseCidr(text);
  if (!cidr) return [invalidValue(path, text, 'must not have leading 0s in IP or prefix length')];
  if (isMapped(cidr)) return [invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address')];
  return networkOf(cidr) === cidr.address ? [] : [invalidValue(path, text, 'must not have bits set beyond the prefix length')];
}

/** A network in its canonical form (IsValidCIDR). */
export function validateCanonicalCidr(path: string, text: string): FieldError[] {
  const errors = validateCidr(path, text);
  if (errors.length) return errors;
  const canonical = cidrText(parseCidr(text)!);
  return text === canonical ? [] : [invalidValue(path, text, `must be in canonical form (${quoted(canonical)})`)];
}

/** What a client is told of an address that is understood and not written as it should be (GetWarningsForIP). */
export function ipWarnings(path: string, text: string): string[] {
  const sloppy = parseSloppyIp(text);
  if (!sloppy) return [];
  const ip = parseIp(text);
  if (!ip || isMapped(ip)) return [`${path}: non-standard IP address ${quoted(text)} is invalid: use ${quoted(ipText(sloppy))}`];
  const canonical = ipText(ip);
  return ip.family === 6 && canonical !== text ? [`${path}: IPv6 address ${quoted(text)} should be in RFC 5952 canonical format (${quoted(canonical)})`] : [];
}

/** The same for a network (GetWarningsForCIDR). */
export function cidrWarnings(path: string, text: string): string[] {
  const sloppy = parseSloppyCidr(text);
  if (!sloppy) return [];
  const network = { ...sloppy, address: networkOf(sloppy) };
  const warnings: string[] = [];
  if (network.address !== sloppy.address) {
    const single = `${ipText(sloppy)}/${bitsOf(sloppy.family)}`;
    warnings.push(`${path}: CIDR value ${quoted(text)} is ambiguous in this context (should be ${quoted(cidrText(network))} or ${quoted(single)}?)`);
  }
  const cidr = parseCidr(text);
  if (!cidr || isMapped(cidr)) warnings.push(`${path}: non-standard CIDR value ${quoted(text)} is invalid: use ${quoted(cidrText(network))}`);
  else if (!warnings.length && cidr.family === 6 && cidrText(cidr) !== text)
    warnings.push(`${path}: IPv6 CIDR value ${quoted(text)} should be in RFC 5952 canonical format (${quoted(cidrText(cidr))})`);
  return warnings;
}

interface Ip {
  readonly family: 4 | 6;
  readonly address: bigint;
}

interface Cidr extends Ip {
  readonly length: number;
}

/** With leading zeros, and with an IPv4 address for one that is mapped into IPv6: what Go's net.ParseIP took once. */
export function parseSloppyIp(text: string): Ip | undefined {
  const ip = parseIp(unpadded(text));
  return ip && isMapped(ip) ? { family: 4, address: ip.address & 0xffffffffn } : ip;
}

/** The same for a network; bits after the prefix are kept. */
export function parseSloppyCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^(.*)\/0*(\d+)$/s.exec(text) ?? [];
  const cidr = parseCidr(`${unpadded(address)}/${length}`);
  if (!cidr || !isMapped(cidr) || cidr.length < 96) return cidr;
  return { family: 4, address: cidr.address & 0xffffffffn, length: cidr.length - 96 };
}

const unpadded = (text: string): string => text.replace(/\d+(\.\d+){3}$/, (ipv4) => ipv4.replace(/(^|\.)0+(?=\d)/g, '$1'));

const isMapped = ({ family, address }: Ip): boolean => family === 6 && address >> 32n === 0xffffn;

const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);

function networkOf({ family, address, length }: Cidr): bigint {
  const host = BigInt(bitsOf(family) - length);
  return (address >> host) << host;
}

const cidrText = (cidr: Cidr): string => `${ipText(cidr)}/${cidr.length}`;

/** An address as RFC 5952 writes it: in lower case, without leading zeros, `::` for the first of the longest runs of zeros. */
export function ipText({ family, address }: Ip): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const longest = groups
    .map((_, start) => {
      const end = groups.findIndex((group, i) => i >= start && group !== '0');
      return { start, length: (end < 0 ? 8 : end) - start };
    })
    .reduce((best, run) => (run.length > best.length ? run : best));
  if (longest.length < 2) return groups.join(':');
  return `${groups.slice(0, longest.start).join(':')}::${groups.slice(longest.start + longest.length).join(':')}`;
}
