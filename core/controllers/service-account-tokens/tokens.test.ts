import { describe, expect, it } from 'vitest';
import { controlPlaneKeys } from '../../auth/control-plane-keys.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Secret, ServiceAccount } from '../../schema/generated/kinds.ts';
import { Cluster } from '../../testing/cluster.ts';
import { namespace, pod } from '../../testing/objects.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';

const keysOf = controlPlaneKeys(new Uint8Array(32).fill(7));

const bob: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } };
const secret = (more: Partial<Secret> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 't', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'bob' } },
  type: 'kubernetes.io/service-account-token',
  ...more,
});

async function started(...objects: readonly KubeObject[]): Promise<Cluster> {
  const cluster = await Cluster.start({
    reconcilers: [controllersReconciler(controllersWith({ eventTtlMs: 0 }), keysOf)],
    objects: [namespace('default'), namespace('kube-system')],
  });
  await cluster.settle();
  for (const object of objects) await cluster.create(object);
  await cluster.settle();
  return cluster;
}

const text = (cluster: Cluster, key: string) => Buffer.from(cluster.get(secret()).data?.[key] ?? '', 'base64').toString();

describe('a Secret for a token', () => {
  it('is filled', async () => {
    const cluster = await started(bob, secret());
    const { uid } = cluster.get(bob).metadata;
    expect(cluster.get(secret()).metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'bob',
      'kubernetes.io/service-account.uid': uid,
    });
    expect([text(cluster, 'namespace'), text(cluster, 'ca.crt')]).toEqual(['default', keysOf('main').authority.certificate]);
    expect(JSON.parse(Buffer.from(text(cluster, 'token').split('.')[1]!, 'base64url').toString())).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 't',
      'kubernetes.io/serviceaccount/service-account.name': 'bob',
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      sub: 'system:serviceaccount:default:bob',
    });
  });

  it('is filled again where something of it is taken out, and only that', async () => {
    const cluster = await started(bob, secret());
    const token = text(cluster, 'token');
    for (const key of ['namespace', 'ca.crt']) {
      await cluster.edit(cluster.get(secret()), ({ data }) => void delete data![key]);
      await cluster.settle();
      expect(text(cluster, key)).not.toBe('');
      expect(text(cluster, 'token')).toBe(token);
    }
    await cluster.edit(cluster.get(secret()), ({ data }) => void delete data!['token']);
    await cluster.settle();
    expect(text(cluster, 'token').split('.')).toHaveLength(3);
  });

  it('keeps a token that it has, and what else is in it', async () => {
    const data = { token: Buffer.from('mine').toString('base64'), more: 'eA==' };
    const cluster = await started(bob, secret({ data }));
    expect([text(cluster, 'token'), text(cluster, 'more'), text(cluster, 'namespace')]).toEqual(['mine', 'x', 'default']);
  });

  it.each<{ name: string; objects: readonly KubeObject[]; change?: (cluster: Cluster) => Promise<unknown> }>([
    { name: 'of nobody', objects: [secret()] },
    { name: 'of an account that goes', objects: [bob, secret()], change: (cluster) => cluster.delete(bob) },
    {
      name: 'of another account of that name',
      objects: [
        bob,
        secret({ metadata: { ...secret().metadata, annotations: { ...secret().metadata.annotations, 'kubernetes.io/service-account.uid': 'u' } } }),
      ],
    },
  ])('$name is deleted', async ({ objects, change }) => {
    const cluster = await started(...objects);
    await change?.(cluster);
    await cluster.settle();
    expect(cluster.find(secret())).toBeUndefined();
  });

  it('of another type is left alone', async () => {
    const opaque = secret({ type: 'Opaque' });
    expect((await started(opaque)).get(opaque).data).toBeUndefined();
  });

  it('is named by its account no more once it is gone', async () => {
    const cluster = await started({ ...bob, secrets: [{ name: 't' }, { name: 'u' }] } as ServiceAccount, secret());
    await cluster.delete(secret());
    await cluster.settle();
    expect(cluster.get(bob).secrets).toEqual([{ name: 'u' }]);
  });
});

describe('tokens that nobody uses', () => {
  const DAY = 86_400;
  const named = { ...bob, secrets: [{ name: 't' }] } as ServiceAccount;
  const label = (cluster: Cluster) => cluster.find(secret())?.metadata.labels?.['kubernetes.io/legacy-token-invalid-since'];

  it('are marked invalid after a year, and deleted after another', async () => {
    const cluster = await started(named, secret());
    expect(cluster.state.get('configmaps', 'kube-system', 'kube-apiserver-legacy-service-account-token-tracking')!.data).toEqual({ since: '2026-01-02' });
    await cluster.runUntil(cluster.now + 364 * DAY * 1000);
    expect(label(cluster)).toBeUndefined();
    await cluster.runUntil(cluster.now + 4 * DAY * 1000);
    expect(label(cluster)).toMatch(/^2027-01-0\d$/);
    await cluster.runUntil(cluster.now + 368 * DAY * 1000);
    expect(cluster.find(secret())).toBeUndefined();
  });

  it.each<{ name: string; objects: readonly KubeObject[] }>([
    { name: 'that were made by hand', objects: [bob, secret()] },
    { name: 'that a pod uses', objects: [named, secret(), pod('p', { volumes: [{ name: 'v', secret: { secretName: 't' } }] })] },
  ])('$name stay', async ({ objects }) => {
    const cluster = await started(...objects);
    await cluster.runUntil(cluster.now + 370 * DAY * 1000);
    expect(cluster.find(secret())).toBeDefined();
    expect(label(cluster)).toBeUndefined();
  });
});
