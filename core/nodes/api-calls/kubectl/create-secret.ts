import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KubeObject } from '../../../kube/object.ts';
import type { Secret } from '../../../schema/generated/kinds.ts';
import { Failed } from '../outcome.ts';
import { entriesOf } from './entries.ts';
import type { Invocation } from './invocation.ts';

/** What `kubectl create secret TYPE NAME` makes (kubectl's pkg/cmd/create). */
export function secretOf(invocation: Invocation, type: string, metadata: { name: string; namespace: string }): Secret & KubeObject {
  const { type: stored, entries } = TYPES[type]!(invocation);
  const data = Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: stored, data };
}

export const isSecretType = (type: string | undefined): boolean => type !== undefined && Object.hasOwn(TYPES, type);

interface Made {
  readonly type: string;
  readonly entries: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, (invocation: Invocation) => Made>> = {
  generic: (invocation) => ({ type: invocation.flag('type') ?? 'Opaque', entries: entriesOf(invocation) }),
  'docker-registry': (invocation) => ({ type: 'kubernetes.io/dockerconfigjson', entries: dockerConfig(invocation) }),
  tls: (invocation) => ({ type: 'kubernetes.io/tls', entries: keyPair(invocation) }),
};

const CONFIG = '.dockerconfigjson';

function dockerConfig(invocation: Invocation): Made['entries'] {
  if (invocation.flags.has('from-file')) return entriesOf(invocation, CONFIG);
  const [server = 'https://index.docker.io/v1/', username, password, email] = ['server', 'username', 'password', 'email'].map((name) =>
    invocation.flag(`docker-${name}`),
  );
  if (!server || !username || !password)
    throw new Failed('error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required');
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return { [CONFIG]: JSON.stringify({ auths: { [server]: { username, password, ...(email && { email }), auth } } }) };
}

function keyPair(invocation: Invocation): Made['entries'] {
  const { caller } = invocation;
  const [cert, key] = [invocation.flag('cert'), invocation.flag('key')];
  if (!cert || !key) throw new Failed('error: key and cert must be specified');
  const read = (path: string): string => {
    const text = caller.files(path)?.get(path);
    if (text === undefined) throw new Failed(`error: open ${path}: no such file or directory`);
    return text;
  };
  const pair = { 'tls.crt': read(cert), 'tls.key': read(key) };
  const problem = problemOf(pair);
  if (problem !== undefined) throw new Failed(`error: tls: ${problem}`);
  return pair;
}

/** As crypto/tls' X509KeyPair looks at them. */
function problemOf({ 'tls.crt': cert, 'tls.key': key }: { 'tls.crt': string; 'tls.key': string }): string | undefined {
  if (!/-----BEGIN CERTIFICATE-----/.test(cert)) return 'failed to find any PEM data in certificate input';
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) return 'failed to find any PEM data in key input';
  try {
    const privateKey = createPrivateKey(key);
    return new X509Certificate(cert).checkPrivateKey(privateKey) ? undefined : 'private key does not match public key';
  } catch {
    return 'failed to parse private key';
  }
}
