import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { beforeAll, expect, it } from 'vitest';
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import type { KubeObject } from '../kube/object.ts';
import { namespace, node, pod } from '../testing/objects.ts';
import { type TestServer, testServer } from '../testing/server.ts';

/** Asked over the API by the kubelets of `a` and `b`, and of `new`, which is no Node yet; `mine` is a pod on `a`. */
let server: TestServer;
let uids: Readonly<Record<string, string>>;

const object = (apiVersion: string, kind: string, metadata: object, rest: object = {}): KubeObject =>
  ({ apiVersion, kind, metadata, ...rest }) as unknown as KubeObject;

const volumes = [
  { name: 'vault', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }] } },
  { name: 'secrets', csi: { driver: 'secrets.example' } },
  { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
];

beforeAll(async () => {
  server = await testServer({
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }),
    objects: [
      namespace('default'),
      namespace('kube-node-lease'),
      object('v1', 'ServiceAccount', { name: 'default', namespace: 'default' }),
      node('a', { taints: [{ key: 'k', effect: 'NoSchedule' }] }),
      node('b'),
      object('storage.k8s.io/v1', 'CSIDriver', { name: 'secrets.example' }, { spec: { tokenRequests: [{ audience: 'csi' }] } }),
      object(
        'v1',
        'PersistentVolume',
        { name: 'pv' },
        {
          spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], awsElasticBlockStore: { volumeID: 'vol' } },
        },
      ),
      object(
        'v1',
        'PersistentVolumeClaim',
        { name: 'c', namespace: 'default' },
        {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'pv', storageClassName: '' },
        },
      ),
      pod('mine', { nodeName: 'a', volumes, labels: { app: 'x' } }),
      pod('plain', { nodeName: 'a', automountServiceAccountToken: false }),
    ],
  });
  const uidOf = async (path: string) => (await server.request(`GET ${path}`)).json.metadata.uid as string;
  uids = {
    NODE: await uidOf('/api/v1/nodes/a'),
    MINE: await uidOf('/api/v1/namespaces/default/pods/mine'),
    PLAIN: await uidOf('/api/v1/namespaces/default/pods/plain'),
  };
});

const PODS = '/api/v1/namespaces/default/pods';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const owner = { apiVersion: 'v1', kind: 'Node', name: 'a', uid: '$NODE', controller: true };

/** A mirror pod of `a`. */
const mirror = ({ metadata = {}, ...spec }: Record<string, unknown> & { metadata?: object } = {}) => ({
  metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': '' }, ownerReferences: [owner], ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeName: 'a', ...spec },
});

const token = (boundObjectRef?: object, audiences: string[] = []) => ({
  spec: { audiences, ...(boundObjectRef && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...boundObjectRef } }) },
});
const TOKEN = 'POST /api/v1/namespaces/default/serviceaccounts/default/token';
const bound = { name: 'mine', uid: '$MINE' };

interface Case {
  /** What is sent; every one is a dry run. */
  readonly line: string;
  readonly body?: unknown;
  readonly as?: string;
  /** Of the refusal, after `… is forbidden: `, or the whole message of another; undefined: it is taken. */
  readonly want: string | undefined;
  readonly code?: number;
}

it.each<Case>([
  { line: `POST ${PODS}`, body: mirror(), want: undefined },
  {
    line: `POST ${PODS}`,
    body: mirror({ metadata: { annotations: {} } }),
    want: 'pod does not have "kubernetes.io/config.mirror" annotation, node "a" can only create mirror pods',
  },
  { line: `POST ${PODS}`, body: mirror({ nodeName: 'b' }), want: 'node "a" can only create pods with spec.nodeName set to itself' },
  { line: `POST ${PODS}`, body: mirror({ metadata: { ownerReferences: [] } }), want: 'node "a" can only create pods with an owner reference set to itself' },
  {
    line: `POST ${PODS}`,
    body: mirror({ metadata: { ownerReferences: [owner, { ...owner, controller: false }] } }),
    want: 'node "a" can only create pods with a single owner reference set to itself',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ metadata: { ownerReferences: [{ ...owner, name: 'b' }] } }),
    want: 'node "a" can only create pods with an owner reference set to itself',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ metadata: { ownerReferences: [{ ...owner, controller: false }] } }),
    want: 'node "a" can only create pods with a controller owner reference set to itself',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ metadata: { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] } }),
    want: 'node "a" must not set blockOwnerDeletion on an owner reference',
  },
  { line: `POST ${PODS}`, body: mirror({ metadata: { ownerReferences: [{ ...owner, uid: 'u' }] } }), want: 'node a UID mismatch: expected u got $NODE' },
  {
    line: `POST ${PODS}`,
    as: 'new',
    body: mirror({ nodeName: 'new', metadata: { ownerReferences: [{ ...owner, name: 'new' }] } }),
    want: 'node "new" not found',
    code: 404,
  },
  { line: `POST ${PODS}`, body: mirror({ serviceAccountName: 'default' }), want: 'a mirror pod may not reference service accounts' },
  { line: `POST ${PODS}`, body: mirror({ imagePullSecrets: [{ name: 's' }] }), want: 'a mirror pod may not reference secrets' },
  {
    line: `POST ${PODS}`,
    body: mirror({ volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }),
    want: 'a mirror pod may not use ServiceAccountToken volume projections',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ volumes: [{ name: 'v', configMap: { name: 'c' } }] }),
    want: 'node "a" can not create pods that reference configmaps',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }),
    want: 'node "a" can not create pods that reference persistentvolumeclaims',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({ volumes: [{ name: 'v', csi: { driver: 'd.example' } }] }),
    want: 'node "a" can not create pods that reference csidrivers (via CSI volumes)',
  },
  {
    line: `POST ${PODS}`,
    body: mirror({
      volumes: [
        { name: 'v', hostPath: { path: '/etc' } },
        { name: 'e', emptyDir: {} },
      ],
    }),
    want: undefined,
  },
  { line: `DELETE ${PODS}/mine`, want: undefined },
  { line: `DELETE ${PODS}/mine`, as: 'b', want: 'node "b" can only delete pods with spec.nodeName set to itself' },
  { line: `PATCH ${PODS}/mine/status`, body: { status: { podIP: '10.1.1.1', podIPs: [{ ip: '10.1.1.1' }] } }, want: undefined },
  { line: `PATCH ${PODS}/mine/status`, as: 'b', body: { status: {} }, want: 'node "b" can only update pod status for pods with spec.nodeName set to itself' },
  { line: `PATCH ${PODS}/mine/status`, body: { metadata: { labels: { app: 'y' } } }, want: 'node "a" cannot update labels through pod status' },
  {
    line: `PATCH ${PODS}/mine/status`,
    body: { status: { resourceClaimStatuses: [{ name: 'c', resourceClaimName: 'other' }] } },
    want: 'node "a" cannot update resource claim statues',
  },
  { line: `POST ${PODS}/mine/eviction`, body: { metadata: { name: 'mine' } }, want: undefined },
  { line: `POST ${PODS}/mine/eviction`, as: 'b', body: { metadata: { name: 'mine' } }, want: 'node b can only evict pods with spec.nodeName set to itself' },
  { line: 'POST /api/v1/nodes', as: 'new', body: { metadata: { name: 'new', labels: { 'topology.kubernetes.io/zone': 'z' } } }, want: undefined },
  { line: 'POST /api/v1/nodes', as: 'new', body: { metadata: { name: 'other' } }, want: 'node "new" is not allowed to modify node "other"' },
  {
    line: 'POST /api/v1/nodes',
    as: 'new',
    body: { metadata: { name: 'new', labels: { 'x.node-restriction.kubernetes.io/a': '', 'example.com/b': '', 'y.k8s.io/c': '' } } },
    want: 'node "new" is not allowed to set the following labels: x.node-restriction.kubernetes.io/a, y.k8s.io/c',
  },
  {
    line: 'POST /api/v1/nodes',
    as: 'new',
    body: { metadata: { name: 'new' }, spec: { configSource: { configMap: { name: 'a', namespace: 'b', kubeletConfigKey: 'k' } } } },
    want: 'node "new" is not allowed to create pods with a non-nil configSource',
  },
  { line: 'PATCH /api/v1/nodes/a', body: { metadata: { labels: { 'kubernetes.io/arch': 'arm64', 'x.kubelet.kubernetes.io/y': '' } } }, want: undefined },
  { line: 'PATCH /api/v1/nodes/a', body: { metadata: { labels: { 'kubernetes.io/x': 'y' } } }, want: 'is not allowed to modify labels: kubernetes.io/x' },
  { line: 'PATCH /api/v1/nodes/a', body: { spec: { taints: [] } }, want: 'node "a" is not allowed to modify taints' },
  { line: 'PATCH /api/v1/nodes/a/status', body: { status: { nodeInfo: { osImage: 'y' } } }, want: undefined },
  {
    line: 'PATCH /api/v1/nodes/a',
    body: { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } },
    want: 'node "a" is not allowed to modify ownerReferences',
  },
  { line: 'PATCH /api/v1/nodes/b/status', body: { status: {} }, want: 'node "a" is not allowed to modify node "b"' },
  { line: `POST ${LEASES}`, body: { metadata: { name: 'a' }, spec: {} }, want: undefined },
  { line: `POST ${LEASES}`, body: { metadata: { name: 'b' }, spec: {} }, want: 'can only access node lease with the same name as the requesting node' },
  {
    line: 'POST /apis/storage.k8s.io/v1/csinodes',
    body: { metadata: { name: 'b' }, spec: { drivers: [] } },
    want: 'can only access CSINode with the same name as the requesting node',
  },
  {
    line: 'POST /apis/resource.k8s.io/v1/resourceslices',
    body: { metadata: { name: 's' }, spec: { driver: 'd.example', nodeName: 'b', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } } },
    want: 'can only create ResourceSlice with the same NodeName as the requesting node',
  },
  {
    line: 'POST /apis/resource.k8s.io/v1/resourceslices',
    body: { metadata: { name: 's' }, spec: { driver: 'd.example', nodeName: 'a', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } } },
    want: undefined,
  },
  { line: 'PATCH /api/v1/namespaces/default/persistentvolumeclaims/c/status', body: { status: { capacity: { storage: '2Gi' } } }, want: undefined },
  {
    line: 'PATCH /api/v1/namespaces/default/persistentvolumeclaims/c/status',
    body: { metadata: { labels: { a: 'b' } } },
    want: 'node "a" is not allowed to update fields other than status.quantity and status.conditions: ',
  },
  { line: TOKEN, body: token(), want: 'node requested token not bound to a pod' },
  { line: TOKEN, body: token({ kind: 'Secret', name: 's', uid: 'u' }), want: 'node requested token not bound to a pod' },
  { line: TOKEN, body: token({ name: 'mine' }), want: 'node requested token with a pod binding without a uid' },
  { line: TOKEN, body: token({ name: 'gone', uid: 'u' }), want: 'pod "gone" not found', code: 404 },
  {
    line: TOKEN,
    body: token({ name: 'mine', uid: 'u' }),
    want: 'the UID in the bound object reference (u) does not match the UID in record. The object might have been deleted and then recreated',
  },
  { line: TOKEN, body: token(bound, ['vault']), want: undefined },
  { line: TOKEN, body: token(bound, ['csi']), want: undefined },
  { line: TOKEN, body: token(bound), want: undefined },
  { line: TOKEN, body: token(bound, ['vault', 'csi']), want: 'node may only request 0 or 1 audiences' },
  { line: TOKEN, body: token(bound, ['other']), want: 'error validating audience "other": csidriver.storage.k8s.io "ebs.csi.aws.com" not found' },
  {
    line: TOKEN,
    body: token({ name: 'plain', uid: '$PLAIN' }, ['other']),
    want: 'audience "other" not found in pod spec volume, system:node:a is not authorized to request tokens for this audience',
  },
])('$as: $line $body: $want', async ({ line, body, as = 'a', want, code = want === undefined ? undefined : 403 }) => {
  const filled = (text: string) => text.replaceAll(/\$([A-Z]+)/g, (_, name: string) => uids[name]!);
  const answer = await server.request(`${line}?dryRun=All`, {
    ...(body !== undefined && { body: filled(JSON.stringify(body)), type: line.startsWith('PATCH') ? 'application/merge-patch+json' : 'application/json' }),
    headers: { 'impersonate-user': `system:node:${as}`, 'impersonate-group': 'system:nodes' },
  });
  if (want === undefined) return void expect(answer.code, answer.text).toBeLessThan(300);
  const message = (answer.json.message as string).replace(/^.* is forbidden: /, '');
  expect({ code: answer.code, message: want.endsWith(': ') ? message.slice(0, want.length) : message }).toEqual({ code, message: filled(want) });
});

it('refuses a user of the group that names no node', async () => {
  const { json } = await server.request(`POST ${PODS}?dryRun=All`, {
    body: pod('p'),
    headers: { 'impersonate-user': 'system:node:', 'impersonate-group': 'system:nodes' },
  });
  expect(json.message).toBe(
    'pods is forbidden: User "system:node:" cannot create resource "pods" in API group "" in the namespace "default": unknown node for user "system:node:"',
  );
});

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';

it.each([
  { name: 'a', signerName: KUBELET, want: undefined },
  { name: 'b', signerName: KUBELET, want: 'can only create a node CSR with CN=system:node:a' },
  { name: 'b', signerName: 'kubernetes.io/kubelet-serving', want: 'can only create a node CSR with CN=system:node:a' },
  { name: 'b', signerName: 'example.com/signer', want: undefined },
  { name: undefined, signerName: KUBELET, want: 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST' },
])('a request for a certificate of $name by $signerName: $want', async ({ name, signerName, want }) => {
  const request = Buffer.from(name === undefined ? 'x' : await requestOf(`O=system:nodes, CN=system:node:${name}`)).toString('base64');
  const { json } = await server.request(`POST ${CSRS}?dryRun=All`, {
    body: { metadata: { name: 'csr' }, spec: { signerName, request, usages: ['client auth', 'digital signature'] } },
    headers: { 'impersonate-user': 'system:node:a', 'impersonate-group': 'system:nodes' },
  });
  if (want === undefined) expect(json.kind, json.message).toBe('CertificateSigningRequest');
  else expect(json.message).toBe(`certificatesigningrequests.certificates.k8s.io "csr" is forbidden: ${want}`);
});

async function requestOf(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return (await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm })).toString('pem');
}
