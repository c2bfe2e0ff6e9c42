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
  const sent = new SentConfigs(14);
  sent.keep('/a', bytes('aaaa'), config);
  sent.keep('/b', bytes('bbbb'), config);
  sent.find('/a', bytes('aaaa'));
  sent.keep('/c', bytes('cccc'), config);
  expect([sent.find('/a', bytes('aaaa')), sent.find('/b', bytes('bbbb')), sent.find('/c', bytes('cccc'))]).toEqual([config, undefined, config]);
  sent.keep('/d', bytes('d'.repeat(13)), config);
  expect(sent.find('/d', bytes('d'.repeat(13)))).toBeUndefined();
  expect(sent.find('/a', bytes('aaaa'))).toBe(config);
});

it('counts where it was sent, too: a short text at a long target takes room', () => {
  const sent = new SentConfigs(10_000);
  const target = (i: number) => `/${i}?fieldManager=${'m'.repeat(4_000)}`;
  for (let i = 0; i < 5; i++) sent.keep(target(i), bytes('{}'), config);
  expect([0, 1, 2, 3, 4].filter((i) => sent.find(target(i), bytes('{}')))).toEqual([3, 4]);
});
