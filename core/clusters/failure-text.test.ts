import { expect, it } from 'vitest';
import { failureText } from './failure-text.ts';

const KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1';

it.each([
  ['a message', new Error('the entry at 17 of lab cannot be read'), 'the entry at 17 of lab cannot be read'],
  ['what is no Error', 'no', 'no'],
  ['an Error that says nothing', new TypeError(), 'TypeError'],
  [
    'names, paths, uids',
    new Error('pods "web-6f8d9c7b5-x2x4k" of 0b9cfe6a-2f1e-4b7e-9c1d-1a2b3c4d5e6f: spec.template.spec.containers[0].image: Required value'),
    undefined,
  ],
  ['a key', new Error(`cannot read ${KEY} here`), 'cannot read [hidden] here'],
  ['a token', new Error('refused: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'), 'refused: [hidden]'],
  ['hexadecimal digits', new Error(`hmac ${'0af1'.repeat(16)}`), 'hmac [hidden]'],
  ['a header', new Error('authorization: Bearer abc'), 'authorization: Bearer [hidden]'],
  ['a URL', new Error('POST https://anna:pw@hooks.example.com/x?token=abc&a=1: 500'), 'POST https://[hidden]@hooks.example.com/x?token=[hidden]&a=1: 500'],
])('tells %s', (_, error, text) => {
  expect(failureText(error)).toBe(text ?? (error as Error).message);
});

it('is bounded, and hides a secret across the limit', () => {
  expect(failureText(new Error('no '.repeat(1_000_000))).length).toBeLessThan(1_010);
  expect(failureText(new Error(`${'no '.repeat(330)}${KEY}`))).toMatch(/no \[hidden\]$/);
});
