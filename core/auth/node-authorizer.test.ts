import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import { pod } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import type { Authorization } from './authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';

const node = (name: string): User => ({ username: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] });

const object = (apiVersion: string, kind: string, name: string, spec: object, namespace?: string): KubeObject =>
  ({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, spec }) as KubeObject;

/** A pod on `a` that needs one of each, by whatever way there is; a mirror pod and an unbound one, which get their node nothing. */
const state = stateOf([
  pod('p', {
    nodeName: 'a',
    serviceAccountName: 'sa',
    imagePullSecrets: [{ name: 'pull' }],
    container: { env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }], envFrom: [{ configMapRef: { name: 'env-map' } }] },
    initContainers: [{ name: 'i', image: 'i', envFrom: [{ secretRef: { name: 'init' } }] }],
    ephemeralContainers: [{ name: 'e', image: 'i', envFrom: [{ secretRef: { name: 'debug' } }] }],
    volumes: [
      { name: 's', secret: { secretName: 'volume' } },
      { name: 'j', projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'projected-map' } }] } },
      { name: 'c', configMap: { name: 'volume-map' } },
      { name: 'x', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'claim' } },
      { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } },
    ],
    resourceClaims: [
      { name: 'direct', resourceClaimName: 'gpu' },
      { name: 'made', resourceClaimTemplateName: 't' },
      { name: 'coming', resourceClaimTemplateName: 't' },
    ],
    status: { resourceClaimStatuses: [{ name: 'made', resourceClaimName: 'p-made-x' }] },
  }),
  pod('mirror', { nodeName: 'b', metadata: { annotations: { 'kubernetes.io/config.mirror': '' } }, imagePullSecrets: [{ name: 'pull' }] }),
  pod('waits', { imagePullSecrets: [{ name: 'later' }] }),
  object('v1', 'PersistentVolume', 'pv', {
    claimRef: { namespace: 'default', name: 'claim' },
    csi: { driver: 'd', nodeStageSecretRef: { namespace: 'storage', name: 'stage' }, controllerPublishSecretRef: { namespace: 'storage', name: 'attach' } },
  }),
  object('v1', 'PersistentVolume', 'free', { csi: { driver: 'd', nodeStageSecretRef: { namespace: 'storage', name: 'other' } } }),
  object('storage.k8s.io/v1', 'VolumeAttachment', 'va', { nodeName: 'a' }),
  object('resource.k8s.io/v1', 'ResourceSlice', 'slice', { nodeName: 'a' }),
]);

const allowed: Authorization = { allowed: true };
const no = (reason?: string): Authorization => ({ allowed: false, ...(reason && { reason }) });
const stranger = (name: string) => no(`no relationship found between node '${name}' and this object`);

/** `get secrets/x`, `patch pods/p/status`, `list leases.coordination.k8s.io`; of the namespace `default` unless told. */
function ask(line: string, { as = 'a', namespace = 'default', fieldSelector }: Options = {}): Authorization {
  const [verb, what] = line.split(' ') as [string, string];
  const [groupResource, name, subresource] = what.split('/') as [string, string?, string?];
  const [resource, ...group] = groupResource.split('.') as [string, ...string[]];
  const attributes = { user: node(as), verb, group: group.join('.'), version: 'v1', resource, namespace };
  return nodeAuthorizer.authorize(
    {
      ...attributes,
      ...(name && { name }),
      ...(subresource && { subresource }),
      ...(fieldSelector && { fields: [{ field: 'spec.nodeName', operator: '=' as const, value: fieldSelector }] }),
    },
    state,
  );
}

interface Options {
  as?: string;
  namespace?: string;
  fieldSelector?: string;
}

it.each([
  ...['pull', 'env', 'init', 'debug', 'volume', 'projected', 'csi'].map((name) => `get secrets/${name}`),
  ...['env-map', 'projected-map', 'volume-map'].map((name) => `watch configmaps/${name}`),
  ...['claim', 'p-scratch'].map((name) => `get persistentvolumeclaims/${name}`),
  ...['gpu', 'p-made-x'].map((name) => `get resourceclaims.resource.k8s.io/${name}`),
  'list secrets/volume',
  'patch persistentvolumeclaims/claim/status',
  'get persistentvolumes/pv',
  'get volumeattachments.storage.k8s.io/va',
  'update resourceslices.resource.k8s.io/slice',
  'get serviceaccounts/sa',
  'create serviceaccounts/sa/token',
  'get pods/p',
])('what a pod on the node needs, and no other node: %s', (line) => {
  expect(ask(line)).toEqual(allowed);
  expect(ask(line, { as: 'b' })).toEqual(stranger('b'));
  if (!line.includes('.') && !line.includes('persistentvolumes')) expect(ask(line, { namespace: 'other' })).toEqual(stranger('a'));
});

it.each<{ line: string; options?: Options; want: Authorization }>([
  { line: 'get secrets/stage', options: { namespace: 'storage' }, want: allowed },
  { line: 'get secrets/stage', options: { namespace: 'storage', as: 'b' }, want: stranger('b') },
  { line: 'get secrets/attach', options: { namespace: 'storage' }, want: stranger('a') },
  { line: 'get secrets/other', options: { namespace: 'storage' }, want: stranger('a') },
  { line: 'get persistentvolumes/free', want: stranger('a') },
  { line: 'get secrets/later', want: stranger('a') },
  { line: 'get resourceclaims.resource.k8s.io/coming', want: stranger('a') },
  { line: 'get secrets/none', want: stranger('a') },
  { line: 'list secrets', want: no('No Object name found') },
  { line: 'list secrets', options: { namespace: '' }, want: no('can only read namespaced object of this type') },
  { line: 'update secrets/volume', want: no('can only read resources of this type') },
  { line: 'get secrets/volume/status', want: no('cannot read subresource') },
  { line: 'list persistentvolumeclaims', want: no('can only get individual resources of this type') },
  { line: 'get persistentvolumes/pv/status', want: no('cannot get subresource') },
  { line: 'get persistentvolumeclaims/claim/status', want: no('can only get/update/patch this type') },
  { line: 'create serviceaccounts', want: no('can only create tokens for individual service accounts') },
  { line: 'create serviceaccounts/sa', want: no('can only create token subresource of serviceaccount') },
  { line: 'get pods/mirror', options: { as: 'b' }, want: allowed },
  { line: 'get pods/waits', want: stranger('a') },
  { line: 'list pods', want: no('can only list/watch pods with spec.nodeName field selector') },
  { line: 'list pods', options: { fieldSelector: 'a' }, want: allowed },
  { line: 'list pods', options: { fieldSelector: 'b' }, want: no('can only list/watch pods with spec.nodeName field selector') },
  { line: 'watch pods/p', want: allowed },
  { line: 'create pods', want: allowed },
  { line: 'delete pods/p', want: allowed },
  { line: 'update pods/p', want: no() },
  { line: 'patch pods/p/status', want: allowed },
  { line: 'create pods/p/eviction', want: allowed },
  { line: 'create pods/p/exec', want: no() },
  { line: 'get nodes/a', want: allowed },
  { line: 'watch nodes/a', want: allowed },
  { line: 'list nodes', want: no("node 'a' cannot read all nodes, only its own Node object") },
  { line: 'get nodes/b', want: no("node 'a' cannot read 'b', only its own Node object") },
  { line: 'patch nodes/b', want: allowed },
  { line: 'patch nodes/b/status', want: allowed },
  { line: 'delete nodes/a', want: no() },
  { line: 'get nodes/a/proxy', want: no() },
  { line: 'create leases.coordination.k8s.io', options: { namespace: 'kube-node-lease' }, want: allowed },
  { line: 'update leases.coordination.k8s.io/a', options: { namespace: 'kube-node-lease' }, want: allowed },
  {
    line: 'update leases.coordination.k8s.io/b',
    options: { namespace: 'kube-node-lease' },
    want: no('can only access node lease with the same name as the requesting node'),
  },
  { line: 'update leases.coordination.k8s.io/a', want: no('can only access leases in the "kube-node-lease" system namespace') },
  { line: 'list leases.coordination.k8s.io', want: no('can only get, create, update, patch, or delete a node lease') },
  { line: 'create csinodes.storage.k8s.io', want: allowed },
  { line: 'get csinodes.storage.k8s.io/b', want: no('can only access CSINode with the same name as the requesting node') },
  { line: 'get csinodes.storage.k8s.io/a/status', want: no('cannot authorize CSINode subresources') },
  { line: 'list csinodes.storage.k8s.io', want: no('can only get, create, update, patch, or delete a CSINode') },
  { line: 'create resourceslices.resource.k8s.io', want: allowed },
  { line: 'deletecollection resourceslices.resource.k8s.io', options: { fieldSelector: 'a' }, want: allowed },
  { line: 'list resourceslices.resource.k8s.io', want: no('can only list/watch/deletecollection resourceslices with nodeName field selector') },
  { line: 'create podcertificaterequests.certificates.k8s.io', want: no() },
  { line: 'list services', want: allowed },
  { line: 'create services', want: no() },
  { line: 'patch events.events.k8s.io/e', want: allowed },
  { line: 'create tokenreviews.authentication.k8s.io', want: allowed },
  { line: 'list deployments.apps', want: no() },
  { line: 'get constructor/x', want: no() },
  { line: 'get nodes', options: { as: '' }, want: no('unknown node for user "system:node:"') },
])('$line $options', ({ line, options, want }) => expect(ask(line, options)).toEqual(want));

it('speaks of nodes alone', () => {
  const attributes = { verb: 'get', group: '', version: 'v1', resource: 'nodes', name: 'a' };
  for (const user of [
    { username: 'system:node:a', groups: ['system:authenticated'] },
    { username: 'a', groups: ['system:nodes'] },
  ]) {
    expect(nodeAuthorizer.authorize({ ...attributes, user }, state)).toEqual(no());
    expect(nodeAuthorizer.rulesFor(user, 'default', state).incomplete).toBe(false);
  }
  expect(nodeAuthorizer.rulesFor(node('a'), 'default', state).incomplete).toBe(true);
  expect(nodeAuthorizer.authorize({ user: node('a'), verb: 'get', path: '/metrics' }, state)).toEqual(no());
});
