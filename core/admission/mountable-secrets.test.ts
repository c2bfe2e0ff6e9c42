import { expect, it } from 'vitest';
import type { PodSpec, ServiceAccount } from '../schema/generated/kinds.ts';
import { enforcesMountableSecrets, foreignInContainers, foreignSecret } from './mountable-secrets.ts';

const account = (value?: string): ServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'x', ...(value !== undefined && { annotations: { 'kubernetes.io/enforce-mountable-secrets': value } }) },
  secrets: [{ name: 'ok' }],
  imagePullSecrets: [{ name: 'pull' }],
});
const env = (name: string) => [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }];
const WHY = 'is not allowed because service account x does not reference that secret';

it.each<{ name: string; spec: PodSpec; want: string | undefined }>([
  { name: 'its own', spec: { containers: [{ name: 'a', env: env('ok') }], volumes: [{ name: 'v', secret: { secretName: 'ok' } }] }, want: undefined },
  { name: 'a volume', spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 'o' } }] }, want: `volume with secret.secretName="o" ${WHY}` },
  { name: 'a variable', spec: { containers: [{ name: 'a', env: env('o') }] }, want: `container a with envVar E referencing secret.secretName="o" ${WHY}` },
  {
    name: 'variables',
    spec: { containers: [{ name: 'a', envFrom: [{ secretRef: { name: 'o' } }] }] },
    want: `container a with envFrom referencing secret.secretName="o" ${WHY}`,
  },
  {
    name: 'an init container',
    spec: { containers: [], initContainers: [{ name: 'i', env: env('o') }] },
    want: `init container i with envVar E referencing secret.secretName="o" ${WHY}`,
  },
  { name: 'a secret to pull with', spec: { containers: [], imagePullSecrets: [{ name: 'pull' }] }, want: undefined },
  {
    name: 'another one to pull with',
    spec: { containers: [], imagePullSecrets: [{ name: 'pull' }, { name: 'ok' }] },
    want: 'imagePullSecrets[1].name="ok" is not allowed because service account x does not reference that imagePullSecret',
  },
])('A pod that uses $name', ({ spec, want }) => expect(foreignSecret(spec, account())).toBe(want));

it('An ephemeral container uses what its pod may', () => {
  expect(foreignInContainers('ephemeral container', [{ name: 'e', env: env('o') }], account())).toBe(
    `ephemeral container e with envVar E referencing secret.secretName="o" ${WHY}`,
  );
});

it.each([
  { value: undefined, want: false },
  { value: 'true', want: true },
  { value: '1', want: true },
  { value: 'yes', want: false },
])('An account that says $value', ({ value, want }) => expect(enforcesMountableSecrets(account(value))).toBe(want));
