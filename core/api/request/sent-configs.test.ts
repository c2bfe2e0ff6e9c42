import { expect, it } from 'vitest';
import { SentConfigs } from './sent-configs.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const config = { kind: 'ConfigMap' };

it('finds what the same text was read as, where it was sent', () => {
  const sent = new SentConfigs(100);
  sent.keep('/a', bytes('text'), config);
  expect(sent.find('/a', bytes('text'))).toBe(config);
  expect(sent.find('/a', bytes('texts'))).toBeUndefined();
  expect(sent.find('/b', bytes('text'))).toBeUndefined();
});

it('keeps the text as it was, whatever becomes of the buffer that it came in', () => {
  const sent = new SentConfigs(100);
  const body = bytes('text');
  sent.keep('/a', body, config);
  body[0] = 0;
  expect(sent.find('/a', bytes('text'))).toBe(config);
});

it('forgets what was sent longest ago where there is too much', () => {
  const sent = new SentConfigs(10);
  sent.keep('/a', bytes('aaaa'), config);
  sent.keep('/b', bytes('bbbb'), config);
  sent.find('/a', bytes('aaaa'));
  sent.keep('/c', bytes('cccc'), config);
  expect([sent.find('/a', bytes('aaaa')), sent.find('/b', bytes('bbbb')), sent.find('/c', bytes('cccc'))]).toEqual([config, undefined, config]);
  sent.keep('/d', bytes('d'.repeat(11)), config);
  expect(sent.find('/d', bytes('d'.repeat(11)))).toBeUndefined();
  expect(sent.find('/a', bytes('aaaa'))).toBe(config);
});
