import { describe, expect, it } from 'vitest';
import type { UpdateMutation } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import type { CertificateSigningRequest, Deployment, EndpointSlice, Node, Pod, PriorityClass } from '../schema/generated/kinds.ts';
import { certificateRequest } from '../testing/certificate-requests.ts';
import { configMap, deployment, kept, namespace, outcome, pod, stateWith } from '../testing/decisions.ts';

const DELETED = { deletionTimestamp: '2025-12-31T23:00:00Z' };

/** An update of `there` to what `change` makes of it, as a client that has just read it does. */
function update<T extends KubeObject>(
  there: T,
  change: (object: T) => KubeObject,
  { resource = 'configmaps', subresource, around = [] }: Partial<UpdateMutation> & { around?: readonly KubeObject[] } = {},
) {
  const state = stateWith(there, ...around);
  const before = state.get(resource, there.metadata.namespace, there.metadata.name) as T;
  const { object, ...rest } = outcome(state, { type: 'update', resource, object: change(structuredClone(before)), ...(subresource && { subresource }) });
  return { ...rest, object: object as T | undefined };
}

const withMetadata = (metadata: object) => (object: KubeObject) => ({ ...object, metadata: { ...object.metadata, ...metadata } });

const slice = (): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'a', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [],
});
const priorityClass = (): PriorityClass => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'a' }, value: 1 });

describe('an update', () => {
  const there = kept(configMap({ labels: { a: 'b' }, generateName: 'a-' }, { data: { x: '1' } }));

  it('replaces all but what the server owns', () => {
    const { events, object } = update(there, () => configMap({ annotations: { n: 'm' }, selfLink: '/x', generation: 4 }, { data: { y: '2' } }));
    expect({ events, object }).toEqual({
      events: ['MODIFIED'],
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', namespace: 'default', uid: 'uid', creationTimestamp: '2025-12-31T00:00:00Z', resourceVersion: '3', annotations: { n: 'm' } },
        data: { y: '2' },
      },
    });
  });

  it.each([
    { name: 'that changes nothing', change: (object: KubeObject) => object },
    { name: 'without a precondition that changes nothing', change: withMetadata({ resourceVersion: undefined, uid: undefined }) },
    { name: 'of what only the server changes', change: withMetadata({ creationTimestamp: '2020-01-01T00:00:00Z', generation: 5 }) },
    { name: 'that adds empty lists', change: withMetadata({ finalizers: [], ownerReferences: [], annotations: {} }) },
  ])('$name writes nothing', ({ change }) => {
    expect(update(there, change)).toMatchObject({ events: [], object: { metadata: { resourceVersion: '2' } } });
  });

  it.each([
    {
      name: 'the object is not there',
      change: withMetadata({ name: 'b' }),
      want: { code: 404, message: 'configmaps "b" not found' },
    },
    {
      name: 'it has changed',
      change: withMetadata({ resourceVersion: '1' }),
      want: {
        code: 409,
        reason: 'Conflict',
        message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      },
    },
    {
      name: 'it is another one of the name',
      change: withMetadata({ uid: 'other' }),
      want: {
        code: 409,
        message:
          'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: uid',
      },
    },
    {
      name: 'it pretends a deletion',
      change: withMetadata(DELETED),
      want: { code: 422, message: 'ConfigMap "a" is invalid: metadata.deletionTimestamp: Invalid value: "2025-12-31T23:00:00Z": field is immutable' },
    },
  ])('is refused when $name', ({ change, want }) => {
    expect(update(there, change)).toMatchObject({ events: [], refused: want });
  });

  it.each([
    { name: 'the spec', change: (d: Deployment) => ({ ...d, spec: { ...d.spec, replicas: 2 } }), want: 2 },
    { name: 'labels', change: withMetadata({ labels: { x: 'y' } }), want: 1 },
    { name: 'the status, which it leaves alone', change: (d: KubeObject) => ({ ...d, status: { replicas: 5 } }), want: 1 },
  ])('of $name has generation $want', ({ change, want }) => {
    const { object } = update(kept(deployment({ generation: 1 }, { status: { replicas: 1 } })), change, { resource: 'deployments.apps' });
    expect(object).toMatchObject({ metadata: { generation: want }, status: { replicas: 1 } });
  });

  it.each([
    { resource: 'deployments.apps', there: deployment(), counts: ['annotations'] },
    { resource: 'endpointslices.discovery.k8s.io', there: slice(), counts: ['labels'] },
    { resource: 'priorityclasses.scheduling.k8s.io', there: priorityClass(), counts: [] },
  ])('of the metadata of $resource has another generation for $counts alone', ({ resource, there, counts }) => {
    const old = kept({ ...there, metadata: { ...there.metadata, generation: 1 } });
    const changed = (part: string) => update(old, withMetadata({ [part]: { a: 'b' } }), { resource }).object!.metadata.generation;
    expect(['labels', 'annotations'].filter((part) => changed(part) === 2)).toEqual(counts);
  });

  it('of a PriorityClass never has another generation', () => {
    const change = (object: KubeObject) => ({ ...object, description: 'for all' });
    const old = kept({ ...priorityClass(), metadata: { name: 'a', generation: 1 } });
    expect(update(old, change, { resource: 'priorityclasses.scheduling.k8s.io' }).object).toMatchObject({
      description: 'for all',
      metadata: { generation: 1 },
    });
  });
});

describe('an update of an object that is being deleted', () => {
  const held = (more: object = {}) => kept(configMap({ ...DELETED, deletionGracePeriodSeconds: 0, finalizers: ['x/y', 'x/z'], ...more }));

  it.each([
    { name: 'takes one of its finalizers off', there: held(), finalizers: ['x/y'], want: ['MODIFIED'] },
    { name: 'takes the last off, and lets it go', there: held(), finalizers: [], want: ['DELETED'] },
    {
      name: 'takes the last off while its grace period lasts',
      there: kept(pod({ ...DELETED, deletionGracePeriodSeconds: 30, finalizers: ['x/y'] }, { nodeName: 'n' })),
      finalizers: [],
      want: ['MODIFIED'],
    },
  ])('$name', ({ there, finalizers, want }) => {
    const resource = there.kind === 'Pod' ? 'pods' : 'configmaps';
    expect(update(there, withMetadata({ finalizers }), { resource }).events).toEqual(want);
  });

  it('adds no finalizer, and does not take the deletion back', () => {
    expect(update(held(), withMetadata({ finalizers: ['x/y', 'x/w'] })).refused!.message).toBe(
      'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/w"}',
    );
    const { object } = update(held(), withMetadata({ deletionTimestamp: undefined, deletionGracePeriodSeconds: undefined, labels: { a: 'b' } }));
    expect(object!.metadata).toMatchObject({ ...DELETED, deletionGracePeriodSeconds: 0, labels: { a: 'b' } });
  });
});

describe('a subresource takes its part alone:', () => {
  const everything = (part: object) => (object: KubeObject) => ({
    ...withMetadata({ labels: { not: 'taken' }, finalizers: ['not/taken'] })(object),
    ...part,
  });

  it('status, with annotations', () => {
    const there = kept(deployment({ generation: 1, labels: { a: 'b' } }, { status: { replicas: 1 } }));
    const change = (d: KubeObject) => ({ ...everything({ status: { replicas: 2 }, spec: { replicas: 9 } })(withMetadata({ annotations: { n: 'm' } })(d)) });
    const { object } = update(there, change, { resource: 'deployments.apps', subresource: 'status' });
    expect(object).toEqual({
      ...there,
      metadata: { ...there.metadata, annotations: { n: 'm' }, resourceVersion: '3' },
      status: { replicas: 2 },
    });
  });

  it('status, without annotations where there are to be none any more', () => {
    const there = kept(deployment({ generation: 1, annotations: { n: 'm' } }, { status: { replicas: 1 } }));
    const change = withMetadata({ annotations: {} });
    const { object } = update(there, change, { resource: 'deployments.apps', subresource: 'status' });
    expect(object!.metadata).not.toHaveProperty('annotations');
  });

  it('finalize, and only it: a plain update that leaves the finalizers of a namespace out keeps them', () => {
    const there = kept(namespace('n', DELETED));
    const change = everything({ spec: { finalizers: [] }, status: { phase: 'Active' } });
    expect(update(there, (object) => ({ ...object, spec: {} }), { resource: 'namespaces' })).toMatchObject({
      events: [],
      object: { spec: { finalizers: ['kubernetes'] } },
    });
    expect(update(there, change, { resource: 'namespaces', subresource: 'finalize' }).events).toEqual(['DELETED']);
    const other = update(kept(namespace('n', { ...DELETED, finalizers: ['x/y'] })), change, { resource: 'namespaces', subresource: 'finalize' });
    expect(other).toMatchObject({ events: ['MODIFIED'], object: { spec: {}, status: { phase: 'Active' }, metadata: { finalizers: ['x/y'] } } });
    expect(other.object!.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'n' });
  });

  it('approval: the conditions of a request', () => {
    const there = kept<CertificateSigningRequest>({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'a' },
      spec: {
        signerName: 'example.com/x',
        usages: ['client auth'],
        request: certificateRequest({ commonName: 'alice' }).request,
      },
      status: {},
    });
    const approved = { type: 'Approved', status: 'True', reason: 'r', message: 'm', lastUpdateTime: '2026-01-01T00:00:00Z' };
    const change = everything({ spec: { signerName: 'other.com/x' }, status: { conditions: [approved], certificate: 'eA==' } });
    const { object } = update(there, change, { resource: 'certificatesigningrequests.certificates.k8s.io', subresource: 'approval' });
    expect(object).toMatchObject({ spec: there.spec, status: { conditions: [approved] } });
    expect(Object.keys(object!.status!)).toEqual(['conditions']);
    expect(object!.metadata.labels).toBeUndefined();
  });
});

describe('a pod', () => {
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const there = kept(
    pod({ generation: 1 }, { containers: [{ name: 'c', image: 'i', resources }], nodeName: 'n', serviceAccountName: 'default' }, { qosClass: 'Burstable' }),
  );
  const spec = (part: object) => (object: Pod) => ({ ...withMetadata({ labels: { not: 'taken' } })(object), spec: { ...object.spec, ...part } });
  const container = (more: object) => spec({ containers: [{ name: 'c', image: 'changed', resources, ...more }] });
  const through = (subresource: UpdateMutation['subresource'], change: (object: Pod) => KubeObject, of: Pod = there) =>
    update(of, change, { resource: 'pods', ...(subresource && { subresource }), around: [node] });
  const node = kept<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { allocatable: { cpu: '1', memory: '1Gi' } } });
  const debug = { name: 'debug', image: 'busybox' };

  it('gets ephemeral containers through their subresource, and keeps them', () => {
    const { object } = through('ephemeralcontainers', spec({ ephemeralContainers: [debug], hostname: 'h' }));
    expect(object!.spec).toMatchObject({ ephemeralContainers: [debug], containers: [{ image: 'i' }] });
    expect(object!.spec!.hostname).toBeUndefined();
    expect(object!.metadata).toMatchObject({ generation: 2 });
    expect(object!.metadata.labels).toBeUndefined();
    expect(through('ephemeralcontainers', spec({ ephemeralContainers: [] }), object!).refused!.message).toBe(
      'Pod "a" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    );
    expect(through('ephemeralcontainers', spec({ ephemeralContainers: [{ ...debug, image: 'x' }] }), object!).refused!.message).toMatch(
      /existing ephemeral containers "debug" may not be changed\n/,
    );
    expect(through(undefined, spec({ ephemeralContainers: [] }), object!).refused!.code).toBe(422);
  });

  it('is resized, and nothing else of it changes', () => {
    const { object } = through('resize', container({ resources: { requests: { cpu: '200m', memory: '64Mi' } } }));
    expect(object!.spec!.containers[0]).toMatchObject({ image: 'i', resources: { requests: { cpu: '200m', memory: '64Mi' } } });
    expect(object!.metadata.generation).toBe(2);
  });

  it.each([
    {
      name: 'plain, of resources',
      subresource: undefined,
      change: container({ resources: { requests: { cpu: '200m' } } }),
      want: /^Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    },
    { name: 'to another node', subresource: undefined, change: spec({ nodeName: 'm' }), want: /pod updates may not change fields other than/ },
    {
      name: 'into another class',
      subresource: 'resize',
      change: container({ resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } }),
      want: /^Pod "a" is invalid: spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing$/,
    },
    {
      name: 'that removes a request',
      subresource: 'resize',
      change: container({ resources: { requests: { cpu: '100m' } } }),
      want: /^Pod "a" is invalid: spec.containers\[0\].resources.requests: Forbidden: resource requests cannot be removed$/,
    },
    {
      name: 'of something else than cpu and memory',
      subresource: 'resize',
      change: container({ resources: { requests: { ...resources.requests, 'ephemeral-storage': '1Gi' } } }),
      want: /^Pod "a" is invalid: spec: Forbidden: only cpu and memory resources are mutable$/,
    },
    {
      name: 'that renames',
      subresource: 'resize',
      change: container({ name: 'd' }),
      want: /^Pod "a" is invalid: spec.containers\[0\].name: Forbidden: containers may not be renamed or reordered on resize$/,
    },
  ] as const)('refuses an update $name', ({ subresource, change, want }) => {
    expect(through(subresource, change).refused!.message).toMatch(want);
  });

  it('is not resized by a node that cannot', () => {
    const running = { name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, state: { running: {} } };
    const old = { ...there, status: { ...there.status, containerStatuses: [running] } };
    const change = container({ resources: { requests: { cpu: '200m', memory: '64Mi' } } });
    expect(through('resize', change, old).refused!.message).toBe('Pod "a" is invalid: spec: Forbidden: Pod running on node without support for resize');
    const able = { ...there, status: { ...there.status, containerStatuses: [{ ...running, resources }] } };
    expect(through('resize', change, able).events).toEqual(['MODIFIED']);
  });
});
