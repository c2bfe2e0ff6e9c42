import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAuthenticationConfiguration } from './authentication-configuration.ts';
import { validateConfiguration } from './configuration-validation.ts';

interface Recorded {
  readonly name: string;
  readonly configuration: object;
  readonly errors: readonly string[];
}

const ownIssuers = ['https://kubernetes.default.svc.cluster.local'];

const fileOf = (configuration: object, version = 'v1') =>
  JSON.stringify({ apiVersion: `apiserver.config.k8s.io/${version}`, kind: 'AuthenticationConfiguration', ...configuration });

const errorsOf = (text: string): string[] =>
  validateConfiguration(readAuthenticationConfiguration(text), { ownIssuers }).errors.map(({ field, message }) => `${field}: ${message}`);

describe('a configuration is refused as k8s.io/apiserver 0.36 refuses it (scripts/cel-goldens/authentication)', () => {
  const recorded = readFileSync(path.join(import.meta.dirname, 'testdata/configurations.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  it.each(recorded)('$name', ({ configuration, errors }) => {
    expect(errorsOf(fileOf(configuration))).toEqual(errors);
  });
});

it.each([
  { name: 'nothing', text: ' ', want: 'empty config data' },
  { name: 'no kind', text: 'apiVersion: apiserver.config.k8s.io/v1', want: "Object 'Kind' is missing in 'apiVersion: apiserver.config.k8s.io/v1'" },
  { name: 'no version', text: 'kind: AuthenticationConfiguration', want: "Object 'apiVersion' is missing in 'kind: AuthenticationConfiguration'" },
  { name: 'another version', text: fileOf({}, 'v2'), want: 'no kind "AuthenticationConfiguration" is registered for version "apiserver.config.k8s.io/v2"' },
  { name: 'unknown fields', text: fileOf({ jwt: [{ isuer: {} }], x: 1 }), want: 'strict decoding error: unknown field "jwt[0].isuer", unknown field "x"' },
  { name: 'a wrong type', text: fileOf({ jwt: [{ issuer: { audiences: 'x' } }] }), want: 'json: cannot unmarshal string into Go struct field' },
  { name: 'no YAML', text: '{', want: 'Flow map' },
])('a file of $name is not read', ({ text, want }) => {
  expect(() => readAuthenticationConfiguration(text)).toThrow(want);
});

it.each(['v1', 'v1beta1', 'v1alpha1'])('a file of version %s is read', (version) => {
  expect(errorsOf(fileOf({ jwt: [] }, version))).toEqual([]);
});

it.each([
  { configuration: { jwt: Array.from({ length: 65 }, () => ({})) }, want: ['jwt: Too many: 65: must have at most 64 items'] },
  {
    configuration: { jwt: [], anonymous: { enabled: true } },
    want: ['anonymous: Forbidden: clients without a token may ask for health and version alone'],
  },
  {
    configuration: {
      jwt: [
        {
          issuer: { url: 'https://a.example.com', audiences: ['a'], egressSelectorType: 'cluster' },
          claimMappings: { username: { claim: 'sub', prefix: '' } },
        },
      ],
    },
    want: ['jwt[0].issuer.egressSelectorType: Forbidden: this server has no egress selector configuration'],
  },
])('$want', ({ configuration, want }) => expect(errorsOf(fileOf(configuration))).toEqual(want));
