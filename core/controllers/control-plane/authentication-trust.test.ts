import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '../../schema/generated/kinds.ts';
import { controlled } from '../../testing/controllers.ts';
import { namespace } from '../../testing/objects.ts';

const configMap = (name: string, data: Record<string, string>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'kube-system' },
  data,
});

/** The certificate of an authority of its own. */
async function certificate(name: string, until: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date('2019-01-01'), notAfter: new Date(until) };
  const made = await x509.X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, ...validity, signingAlgorithm: algorithm });
  return `${made.toString('pem')}\n`;
}

const [OWN, OTHER, EXPIRED] = await Promise.all([certificate('own', '2020-01-01'), certificate('other', '2099-01-01'), certificate('expired', '2020-01-01')]);

const authority = configMap('kube-root-ca.crt', { 'ca.crt': OWN });
const trust = configMap('extension-apiserver-authentication', {});

describe('whom API servers trust that extend this one', () => {
  it('is the authority of the host, and comes back when a client deletes or changes it', async () => {
    const cluster = await controlled(namespace('kube-system'), authority);
    await cluster.settle();
    expect(cluster.get(trust).data).toEqual({ 'client-ca-file': OWN });
    await cluster.delete(trust);
    await cluster.settle();
    expect(cluster.get(trust).data).toEqual({ 'client-ca-file': OWN });
    await cluster.update({ ...cluster.get(trust), data: { other: 'x' } });
    await cluster.settle();
    expect(cluster.get(trust).data).toEqual({ 'client-ca-file': OWN });
  });

  it('is also whom others add, until they have expired', async () => {
    const headers = { 'requestheader-client-ca-file': OTHER, 'requestheader-username-headers': '["X-Remote-User","X-Remote-User"]' };
    const known = configMap('extension-apiserver-authentication', { 'client-ca-file': EXPIRED + OTHER, ...headers });
    const cluster = await controlled(namespace('kube-system'), authority, known);
    await cluster.settle();
    expect(cluster.get(trust).data).toEqual({
      'client-ca-file': OTHER + OWN,
      'requestheader-client-ca-file': OTHER,
      'requestheader-username-headers': '["X-Remote-User"]',
    });
  });

  it('is not told where the host has no authority', async () => {
    const cluster = await controlled(namespace('kube-system'));
    await cluster.settle();
    expect(cluster.list('configmaps').map(({ metadata }) => metadata.name)).not.toContain('extension-apiserver-authentication');
  });

  it('is left alone when it cannot be read', async () => {
    const data = { 'client-ca-file': OWN, 'requestheader-client-ca-file': OTHER, 'requestheader-allowed-names': 'front-proxy' };
    const cluster = await controlled(namespace('kube-system'), authority, configMap('extension-apiserver-authentication', data));
    await cluster.settle();
    expect(cluster.get(trust).data).toEqual(data);
  });
});
