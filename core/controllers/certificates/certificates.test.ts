import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { controlPlaneKeys } from '../../auth/control-plane-keys.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { CertificateSigningRequest, ConfigMap } from '../../schema/generated/kinds.ts';
import { type Asked, certificateRequest, signingRequest } from '../../testing/certificate-requests.ts';
import { Cluster } from '../../testing/cluster.ts';
import { NOW } from '../../testing/env.ts';
import { namespace } from '../../testing/objects.ts';
import { subjectOf } from '../../x509/certificate.ts';
import { controllersReconciler, controllersWith } from '../registry.ts';

const secret = new Uint8Array(32).fill(7);
const keysOf = controlPlaneKeys(secret);
const { authority } = keysOf('main');

/** With the default roles, by which its controllers may sign. */
async function started(...objects: readonly KubeObject[]): Promise<Cluster> {
  const reconcilers = [controllersReconciler(controllersWith({ eventTtlMs: 0 }), keysOf)];
  const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...objects] });
  await cluster.settle();
  return cluster;
}

const NODE: Asked = { organization: ['system:nodes'], commonName: 'system:node:a' };
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';

async function decided(request: CertificateSigningRequest, type = 'Approved'): Promise<Cluster> {
  const cluster = await started();
  await cluster.create(request);
  const condition = { type, status: 'True', reason: 'Test', message: 'by the test' };
  await cluster.mutate(
    {
      type: 'update',
      resource: 'certificatesigningrequests.certificates.k8s.io',
      subresource: 'approval',
      object: { ...cluster.get(request), status: { conditions: [condition] } } as CertificateSigningRequest,
    },
    { username: 'admin', groups: ['system:masters'] },
  );
  await cluster.settle();
  return cluster;
}

const certificateOf = ({ status }: CertificateSigningRequest) =>
  status?.certificate ? new X509Certificate(Buffer.from(status.certificate, 'base64')) : undefined;
const conditionsOf = ({ status }: CertificateSigningRequest) => (status?.conditions ?? []).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);

describe('an approved request', () => {
  it('is signed by the authority of the cluster', async () => {
    const request = signingRequest(
      { commonName: 'alice', organization: ['developers'], dnsNames: ['a.example'] },
      { usages: ['client auth', 'digital signature'] },
    );
    const cluster = await decided(request);
    const certificate = certificateOf(cluster.get(request))!;
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(subjectOf(certificate)).toMatchObject({ commonName: 'alice', organization: ['developers'] });
    expect({ usages: certificate.keyUsage, names: certificate.subjectAltName, ca: certificate.ca }).toEqual({
      usages: ['1.3.6.1.5.5.7.3.2'],
      names: 'DNS:a.example',
      ca: false,
    });
    // A year, five minutes of which lie before now.
    expect(Date.parse(certificate.validFrom)).toBe(NOW - 5 * 60_000);
    expect(Date.parse(certificate.validTo)).toBe(NOW + 365 * 86_400_000 - 5 * 60_000);
    expect(cluster.get(request).status!.conditions!.map(({ type }) => type)).toEqual(['Approved']);
  });

  it.each([
    { seconds: 600, want: 600 },
    { seconds: 7 * 3600, want: 7 * 3600 },
    { seconds: 8 * 3600, want: 8 * 3600 - 300 },
    { seconds: 2 * 365 * 86_400, want: 365 * 86_400 - 300 },
  ])('for $seconds seconds is good for $want from now', async ({ seconds, want }) => {
    const request = signingRequest({ commonName: 'alice' }, { expirationSeconds: seconds });
    expect(Date.parse(certificateOf((await decided(request)).get(request))!.validTo)).toBe(NOW + want * 1000);
  });

  it.each<{ name: string; asked: Asked; signerName: string; usages: string[]; want: string | undefined }>([
    { name: 'a client', asked: { commonName: 'a' }, signerName: CLIENT, usages: ['client auth', 'key encipherment'], want: undefined },
    { name: 'a client that serves', asked: {}, signerName: CLIENT, usages: ['server auth'], want: 'invalid usage for client certificate: server auth' },
    {
      name: 'a client that is none',
      asked: {},
      signerName: CLIENT,
      usages: ['digital signature'],
      want: 'missing required usage for client certificate: client auth',
    },
    { name: 'a kubelet', asked: NODE, signerName: KUBELET_CLIENT, usages: ['client auth', 'digital signature'], want: undefined },
    {
      name: 'a kubelet of others',
      asked: { ...NODE, organization: ['others'] },
      signerName: KUBELET_CLIENT,
      usages: ['client auth'],
      want: 'subject organization is not system:nodes',
    },
    {
      name: 'a kubelet without a name',
      asked: { ...NODE, commonName: 'a' },
      signerName: KUBELET_CLIENT,
      usages: ['client auth'],
      want: 'subject common name does not begin with system:node:',
    },
    {
      name: 'a kubelet with names',
      asked: { ...NODE, dnsNames: ['a'] },
      signerName: KUBELET_CLIENT,
      usages: ['client auth'],
      want: 'DNS subjectAltNames are not allowed',
    },
    {
      name: 'a kubelet for too much',
      asked: NODE,
      signerName: KUBELET_CLIENT,
      usages: ['client auth', 'digital signature', 'server auth'],
      want: 'usages did not match [client auth digital signature key encipherment]',
    },
    {
      name: 'a serving kubelet',
      asked: { ...NODE, dnsNames: ['a'] },
      signerName: KUBELET_SERVING,
      usages: ['digital signature', 'server auth'],
      want: undefined,
    },
    {
      name: 'a serving kubelet that is nowhere',
      asked: NODE,
      signerName: KUBELET_SERVING,
      usages: ['digital signature', 'server auth'],
      want: 'DNS or IP subjectAltName is required',
    },
    {
      name: 'a serving kubelet with a URI',
      asked: { ...NODE, dnsNames: ['a'], uris: ['x:y'] },
      signerName: KUBELET_SERVING,
      usages: ['digital signature', 'server auth'],
      want: 'URI subjectAltNames are not allowed',
    },
    {
      name: 'a serving kubelet for too little',
      asked: { ...NODE, ipAddresses: [Buffer.of(10, 0, 0, 1)] },
      signerName: KUBELET_SERVING,
      usages: ['server auth'],
      want: 'usages did not match [digital signature key encipherment server auth]',
    },
  ])('of $name', async ({ asked, signerName, usages, want }) => {
    const request = signingRequest(asked, { signerName, usages });
    const { status } = (await decided(request)).get(request);
    expect({ issued: status?.certificate !== undefined, failed: status?.conditions?.find(({ type }) => type === 'Failed')?.message }).toEqual({
      issued: want === undefined,
      failed: want,
    });
  });

  it('of another signer is left to it, and one that was denied to nobody', async () => {
    const foreign = signingRequest({ commonName: 'a' }, { signerName: 'example.com/people' });
    expect((await decided(foreign)).get(foreign).status!.certificate).toBeUndefined();
    const denied = signingRequest({ commonName: 'a' });
    expect((await decided(denied, 'Denied')).get(denied).status!.certificate).toBeUndefined();
  });

  it.each([
    { name: 'RSA', keys: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
    { name: 'P-384', keys: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }) },
  ])('is for the key that it was signed with: $name', async ({ keys }) => {
    const made = keys();
    const request = signingRequest({ commonName: 'a' }, { request: certificateRequest({ commonName: 'a' }, made).request });
    expect(
      certificateOf((await decided(request)).get(request))!.checkPrivateKey(createPrivateKey(made.privateKey.export({ type: 'pkcs8', format: 'pem' }))),
    ).toBe(true);
  });
});

describe('a request of a kubelet', () => {
  const request = signingRequest(NODE, { signerName: KUBELET_CLIENT, usages: ['client auth', 'digital signature'] });

  async function asked(user: { username: string; groups: string[] }) {
    const cluster = await started();
    await cluster.mutate({ type: 'create', resource: 'certificatesigningrequests.certificates.k8s.io', object: request }, user);
    await cluster.settle();
    return cluster.get(request);
  }

  it('is approved and signed for those who may ask for it', async () => {
    const made = await asked({ username: 'admin', groups: ['system:masters'] });
    expect(conditionsOf(made)).toEqual(['Approved AutoApproved: Auto approving kubelet client certificate after SubjectAccessReview.']);
    expect(made.status!.certificate).toBeTruthy();
    const self = await asked({ username: 'system:node:a', groups: ['system:masters'] });
    expect(conditionsOf(self)).toEqual(['Approved AutoApproved: Auto approving self kubelet client certificate after SubjectAccessReview.']);
  });

  it('is left to others for those who may not', async () => {
    expect(conditionsOf(await asked({ username: 'bob', groups: [] }))).toEqual([]);
  });
});

describe('old requests', () => {
  const HOUR = 3600;

  it.each<{ name: string; make: () => Promise<Cluster>; seconds: number }>([
    {
      name: 'that nobody decided',
      make: async () => {
        const cluster = await started();
        await cluster.create(signingRequest({ commonName: 'a' }));
        await cluster.settle();
        return cluster;
      },
      seconds: 24 * HOUR,
    },
    { name: 'that were denied', make: () => decided(signingRequest({ commonName: 'a' }), 'Denied'), seconds: HOUR },
    { name: 'that failed', make: () => decided(signingRequest({ commonName: 'a' }, { usages: ['server auth'] })), seconds: HOUR },
    { name: 'whose certificate was issued', make: () => decided(signingRequest({ commonName: 'a' })), seconds: HOUR },
    { name: 'whose certificate has expired', make: () => decided(signingRequest({ commonName: 'a' }, { expirationSeconds: 600 })), seconds: 600 },
    { name: 'that nobody signs', make: () => decided(signingRequest({ commonName: 'a' }, { signerName: 'example.com/x' })), seconds: 24 * HOUR },
  ])('$name go after $seconds seconds', async ({ make, seconds }) => {
    const cluster = await make();
    const requests = () => cluster.list('certificatesigningrequests.certificates.k8s.io').length;
    await cluster.runUntil(cluster.now + (seconds - 1) * 1000);
    expect(requests()).toBe(1);
    await cluster.pass(2);
    expect(requests()).toBe(0);
  });
});

describe('the authority of a cluster', () => {
  const published = (of: string, data?: Record<string, string>): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace: of },
    ...(data && { data }),
  });
  const publishedIn = (cluster: Cluster, of: string) => cluster.get(published(of)).data!['ca.crt']!;

  it('is published in every namespace', async () => {
    const cluster = await started(namespace('kube-system'));
    await cluster.settle();
    for (const of of ['default', 'kube-system']) expect(publishedIn(cluster, of)).toBe(authority.certificate);
  });

  it('is left as another process has signed it, and put in the place of another one', async () => {
    const same = controlPlaneKeys(secret)('main').authority.certificate;
    expect(same).not.toBe(authority.certificate);
    const cluster = await started(namespace('kube-system'), published('kube-system', { 'ca.crt': same }));
    await cluster.settle();
    expect(publishedIn(cluster, 'default')).toBe(same);
    for (const wrong of [controlPlaneKeys(new Uint8Array(32))('main').authority.certificate, `${same}${same}`, 'one', '']) {
      await cluster.update(published('kube-system', { 'ca.crt': wrong }));
      await cluster.settle();
      expect([publishedIn(cluster, 'kube-system'), publishedIn(cluster, 'default')]).toEqual([authority.certificate, authority.certificate]);
    }
  });
});
