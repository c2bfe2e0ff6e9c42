import type { KubeObject } from '../../kube/object.ts';
import type { ApiRequest, Caller } from './api-request.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 16;

/** `argocd admin redis-initial-password`: the Secret that Argo CD's parts share, once. */
export function redisPassword(args: readonly string[], { namespace, sync: { env } }: Caller): ApiRequest | undefined {
  if (!args.includes('redis-initial-password')) return undefined;
  const password = Array.from({ length: LENGTH }, () => LETTERS[Math.floor(env.random.next() * LETTERS.length)]).join('');
  const data = { auth: Buffer.from(password).toString('base64') };
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'argocd-redis', namespace }, type: 'Opaque', data } as KubeObject;
  return { verb: 'create', resource: 'secrets', object, ifAbsent: true };
}
