import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { configMap } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import { recreated } from './recreated.ts';

const volume = (claimRef?: object) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', uid: 'v1' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/v' }, ...(claimRef && { claimRef }) },
  }) as never as KubeObject;
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'default', uid: 'c1' },
  spec: { volumeName: 'v' },
  status: { phase: 'Bound' },
};
const meta = { name: 'x', namespace: 'default' };

const cases: { name: string; resource: string; object: object; there?: KubeObject[]; want: object }[] = [
  {
    name: 'an object is without what the server says of it',
    resource: 'configmaps',
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...meta,
        uid: 'u',
        resourceVersion: '7',
        creationTimestamp: '2026-01-01T00:00:00Z',
        generation: 3,
        labels: { a: 'b' },
        finalizers: ['example.com/hold', 'orphan'],
      },
      data: { x: '1' },
    },
    want: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...meta, labels: { a: 'b' }, finalizers: ['example.com/hold'] }, data: { x: '1' } },
  },
  {
    name: 'what it is owned by is what has the name now, and none where nothing has',
    resource: 'configmaps',
    object: {
      ...configMap('x'),
      metadata: {
        ...meta,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'old' },
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'old' },
        ],
      },
    },
    there: [configMap('owner', { metadata: { uid: 'new' } } as never)],
    want: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...meta, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'new' }] } },
  },
  {
    name: 'a pod has no node yet',
    resource: 'pods',
    object: { apiVersion: 'v1', kind: 'Pod', metadata: meta, spec: { nodeName: 'n', containers: [] }, status: { phase: 'Running' } },
    want: { apiVersion: 'v1', kind: 'Pod', metadata: meta, spec: { containers: [] } },
  },
  {
    name: 'a job has no selector yet',
    resource: 'jobs.batch',
    object: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...meta, labels: { app: 'a', 'job-name': 'x' } },
      spec: { selector: { matchLabels: { 'controller-uid': 'u' } }, template: { metadata: { labels: { app: 'a', 'controller-uid': 'u' } }, spec: {} } },
    },
    want: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...meta, labels: { app: 'a' } },
      spec: { template: { metadata: { labels: { app: 'a' } }, spec: {} } },
    },
  },
  {
    name: 'a job keeps a selector that its client has made',
    resource: 'jobs.batch',
    object: { apiVersion: 'batch/v1', kind: 'Job', metadata: meta, spec: { manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: {} } },
    want: { apiVersion: 'batch/v1', kind: 'Job', metadata: meta, spec: { manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: {} } },
  },
  {
    name: 'a claim whose volume is gone is bound anew',
    resource: 'persistentvolumeclaims',
    object: claim,
    want: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' }, spec: {} },
  },
  {
    name: 'and one whose volume is still that of the claim before',
    resource: 'persistentvolumeclaims',
    object: claim,
    there: [volume({ name: 'c', namespace: 'default', uid: 'c1' })],
    want: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' }, spec: {} },
  },
  {
    name: 'a claim takes the volume that is there for it',
    resource: 'persistentvolumeclaims',
    object: claim,
    there: [volume({ name: 'c', namespace: 'default' })],
    want: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' }, spec: { volumeName: 'v' } },
  },
  {
    name: 'a volume is for the claim of that name',
    resource: 'persistentvolumes',
    object: volume({ name: 'c', namespace: 'default', uid: 'c1', resourceVersion: '3' }),
    want: { metadata: { name: 'v' }, spec: { claimRef: { name: 'c', namespace: 'default' } } },
  },
  {
    name: 'the token of a service account is made anew',
    resource: 'secrets',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { ...meta, annotations: { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': 'old' } },
      data: { token: 'b2xk', own: 'eA==' },
    },
    want: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { ...meta, annotations: { 'kubernetes.io/service-account.name': 'robot' } },
      data: { own: 'eA==' },
    },
  },
];

describe('an object that is created once more', () => {
  for (const { name, resource, object, there = [], want } of cases)
    it(name, () => {
      const again = recreated(resource, object as KubeObject, stateOf(there));
      if (resource === 'persistentvolumes') expect(again).toMatchObject(want);
      else expect(again).toEqual(want);
    });
});
