import type { KubeObject } from '../../kube/object.ts';
import type { Caller } from './caller.ts';
import { createIfAbsent } from './create-if-absent.ts';
import { type Outcome, unknown } from './outcome.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 16;

/** `argocd admin redis-initial-password`: the Secret that Argo CD's parts share, once. */
export function redisPassword(args: readonly string[], caller: Caller): Outcome {
  if (!args.includes('redis-initial-password')) return unknown;
  const password = Array.from({ length: LENGTH }, () => LETTERS[Math.floor(caller.env.random.next() * LETTERS.length)]).join('');
  const data = { auth: Buffer.from(password).toString('base64') };
  return createIfAbsent(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'argocd-redis', namespace: caller.namespace }, type: 'Opaque', data } as KubeObject,
    caller,
  );
}
