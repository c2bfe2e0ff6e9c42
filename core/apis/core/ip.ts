/** Whether `text` is an IPv4 or IPv6 address. */
export const isIP = (text: string | undefined): boolean => isIPv4(text) || isIPv6(text);

/** Four numbers up to 255, without leading zeros: Go's net/netip refuses those. */
export const isIPv4 = (text: string | undefined): boolean => IPV4.test(text ?? '');

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function isIPv6(text: string | undefined): boolean {
  if (!text?.includes(':') || text.includes(':::')) return false;
  const last = text.slice(text.lastIndexOf(':') + 1);
  // An embedded IPv4 address at the end stands for two groups.
  const whole = isIPv4(last) ? `${text.slice(0, text.length - last.length)}0:0` : text;
  const halves = whole.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half ? half.split(':') : []));
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? groups.length < 8 : groups.length === 8);
}

/** An IPv4 address as a number, `10.96.0.1` → 174063617. */
export const ipv4ToNumber = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export const numberToIPv4 = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
