import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { secrets } from './secrets.ts';

const directory = () => mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
const modeOf = (...file: string[]) => (statSync(path.join(...file)).mode & 0o777).toString(8);

it('makes them once, for their owner alone', () => {
  const dir = directory();
  const made = secrets(dir);
  expect(Buffer.from(made.token, 'base64url')).toHaveLength(32);
  expect(made.signingKey).toHaveLength(32);
  expect(Buffer.from(made.signingKey).toString('base64url')).not.toBe(made.token);
  expect(secrets(dir)).toEqual(made);
  expect(readdirSync(dir).sort()).toEqual(['signing-key', 'token']);
  expect([modeOf(dir, 'token'), modeOf(dir, 'signing-key')]).toEqual(['600', '600']);
});

it('takes the leave to read from all other users again', () => {
  const dir = directory();
  secrets(dir);
  chmodSync(path.join(dir, 'token'), 0o644);
  secrets(dir);
  expect(modeOf(dir, 'token')).toBe('600');
});

it('takes a token that the owner put there', () => {
  const dir = directory();
  const mine = 'x'.repeat(50);
  writeFileSync(path.join(dir, 'token'), `${mine}\n`, { mode: 0o600 });
  expect(secrets(dir).token).toBe(mine);
});

it('takes a secret a line: the first is in use, the others are still good', () => {
  const dir = directory();
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(43)) as [string, string, string];
  writeFileSync(path.join(dir, 'token'), `${b}\n${a}\n`, { mode: 0o600 });
  writeFileSync(path.join(dir, 'signing-key'), `${c}\r\n\n${a}\n${b}`, { mode: 0o600 });
  const { token, otherTokens, signingKey, previousSigningKeys } = secrets(dir);
  expect({ token, otherTokens }).toEqual({ token: b, otherTokens: [a] });
  expect([signingKey, ...previousSigningKeys]).toEqual([c, a, b].map((text) => Buffer.from(text, 'base64url')));
});

it.each([{ kept: '' }, { kept: 'short' }, { kept: 'not a token '.repeat(9) }, { kept: `${'x'.repeat(43)}\nshort` }])(
  'refuses "$kept" and leaves it as it is',
  ({ kept }) => {
    const dir = directory();
    writeFileSync(path.join(dir, 'signing-key'), kept);
    expect(() => secrets(dir)).toThrow(/signing-key is damaged: remove it/);
    expect(readFileSync(path.join(dir, 'signing-key'), 'utf8')).toBe(kept);
  },
);

it('are new in every process that keeps nothing', () => {
  expect(secrets(undefined)).not.toEqual(secrets(undefined));
});
