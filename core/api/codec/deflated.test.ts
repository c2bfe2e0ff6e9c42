import { crc32, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { combinedCrc, operatorOf } from './crc32-combine.ts';
import { Deflated, gzipOf } from './deflated.ts';

const texts = ['', 'a', ',{"a":1}', 'ü'.repeat(100_000), '{"b":2}'.repeat(70_000)];

describe('deflated pieces', () => {
  it('are what they were made of', () => {
    for (const text of texts) expect(Deflated.of(Buffer.from(text)).inflate().toString()).toBe(text);
  });

  it('are a gzip file in any order', () => {
    const pieces = texts.map((text) => Deflated.of(Buffer.from(text)));
    for (const order of [[], [0], [3], [1, 2, 4, 3], [4, 4, 4], [3, 0, 1, 0, 4]]) {
      const file = Buffer.concat([...gzipOf(order.map((i) => pieces[i]!))]);
      expect(gunzipSync(file).toString()).toBe(order.map((i) => texts[i]).join(''));
    }
  });
});

it('the CRC of bytes follows from those of their parts', () => {
  const bytes = Buffer.from('a text of some length, 1234567890');
  for (let at = 0; at <= bytes.length; at++) {
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(combinedCrc(crc32(before), { crc: crc32(after), operator: operatorOf(after.length) })).toBe(crc32(bytes));
  }
});
