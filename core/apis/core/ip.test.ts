import { expect, it } from 'vitest';
import { ipv4ToNumber, isIP, numberToIPv4 } from './ip.ts';

it.each([
  ['10.0.0.1', true],
  ['10.0.0.256', false],
  ['010.0.0.1', false],
  ['10.0.0', false],
  ['::1', true],
  ['2001:db8::ffff', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:7', false],
  ['::ffff:10.0.0.1', true],
  ['1::2::3', false],
  [':::', false],
  ['', false],
])('%s: %s', (text, want) => expect(isIP(text)).toBe(want));

it('counts', () => {
  expect(numberToIPv4(ipv4ToNumber('10.96.255.255') + 1)).toBe('10.97.0.0');
});
