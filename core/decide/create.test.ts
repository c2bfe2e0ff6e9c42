import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { configMap, deployment, kept, namespace, outcome, pod, stateWith } from '../testing/decisions.ts';

const create = (object: KubeObject, resource = 'configmaps', there: KubeObject[] = []) => outcome(stateWith(...there), { type: 'create', resource, object });

const podTemplate = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
const definition = (name: string, generateName?: string) =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, ...(generateName && { generateName }) },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }) as KubeObject;

describe('a new object', () => {
  it('has the metadata that the server gives it, and no other', () => {
    const given = configMap({
      uid: 'mine',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 3,
      generation: 7,
      selfLink: '/x',
      labels: { a: 'b' },
      finalizers: ['x/y'],
    });
    expect(create(given)).toEqual({
      events: ['ADDED'],
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'a',
          namespace: 'default',
          uid: 'u1',
          creationTimestamp: '2026-01-01T00:00:00Z',
          resourceVersion: '2',
          labels: { a: 'b' },
          finalizers: ['x/y'],
        },
      },
    });
  });

  it('has the defaults that follow from what is generated', () => {
    const { object } = create(
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', namespace: 'default' }, spec: { template: podTemplate } } as KubeObject,
      'jobs.batch',
    );
    expect(object!.metadata.labels).toMatchObject({ 'job-name': 'a', 'controller-uid': object!.metadata.uid });
  });

  it('has generation 1 where its kind has one, and no status of the client', () => {
    const { object } = create(deployment({ generation: 9 }, { status: { replicas: 3 } }), 'deployments.apps');
    expect({ generation: object!.metadata.generation, status: fieldsOf(object!)['status'] }).toEqual({ generation: 1, status: {} });
  });

  it.each([
    { name: 'short', given: 'web-', want: 'web-bbbbb' },
    { name: 'too long', given: `${'x'.repeat(70)}-`, want: `${'x'.repeat(58)}bbbbb` },
  ])('gets a name that is generated ($name)', ({ given, want }) => {
    expect(create(configMap({ name: '', generateName: given })).object!.metadata).toMatchObject({ name: want, generateName: given });
  });

  it('in no namespace has none', () => {
    expect(create({ ...namespace('n'), metadata: { name: 'n', namespace: 'default' } }, 'namespaces').object!.metadata.namespace).toBeUndefined();
  });

  it.each([
    {
      name: 'the name is taken',
      given: configMap(),
      there: [kept(configMap())],
      want: { code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' },
    },
    {
      name: 'the generated name is taken',
      given: configMap({ name: '', generateName: 'a-' }),
      there: [kept(configMap({ name: 'a-bbbbb' }))],
      want: { code: 409, message: 'configmaps "a-bbbbb" already exists, the server was not able to generate a unique name for the object' },
    },
    {
      name: 'it has a resourceVersion',
      given: configMap({ resourceVersion: '5' }),
      want: { code: 500, message: 'resourceVersion should not be set on objects to be created' },
    },
    {
      name: 'its namespace does not exist',
      given: configMap({ namespace: 'nowhere' }),
      want: { code: 404, reason: 'NotFound', message: 'namespaces "nowhere" not found' },
    },
    {
      name: 'its namespace is going',
      given: configMap({ namespace: 'going', name: '', generateName: 'a-' }),
      there: [kept(namespace('going', { deletionTimestamp: '2026-01-01T00:00:00Z' }))],
      want: {
        code: 403,
        reason: 'Forbidden',
        message: 'configmaps "a-" is forbidden: unable to create new content in namespace going because it is being terminated',
        details: {
          name: 'a-',
          kind: 'configmaps',
          causes: [{ reason: 'NamespaceTerminating', message: 'namespace going is being terminated', field: 'metadata.namespace' }],
        },
      },
    },
    {
      name: 'it has no name',
      given: configMap({ name: '' }),
      want: { code: 422, message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required' },
    },
    {
      name: 'it breaks the rules of its kind, even where its name is taken',
      given: pod({}, { containers: [] }),
      resource: 'pods',
      there: [kept(pod()), kept({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } })],
      want: { code: 422, message: 'Pod "a" is invalid: spec.containers: Required value' },
    },
    {
      name: 'a prefix is not what the kind calls its objects',
      given: definition('', 'things-'),
      resource: 'customresourcedefinitions.apiextensions.k8s.io',
      want: {
        details: {
          causes: [
            { field: 'metadata.generateName', message: 'Invalid value: "things-": must be spec.names.plural+"."+spec.group' },
            { field: 'metadata.name', message: 'Invalid value: "things-bbbbb": must be spec.names.plural+"."+spec.group' },
          ],
        },
      },
    },
    {
      name: 'it has no name, of which nothing else is said',
      given: definition(''),
      resource: 'customresourcedefinitions.apiextensions.k8s.io',
      want: { message: 'CustomResourceDefinition.apiextensions.k8s.io "" is invalid: metadata.name: Required value: name or generateName is required' },
    },
    {
      name: 'labels are made of its name, which are told where they were made',
      given: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: `a${'b'.repeat(63)}`, namespace: 'default' },
        spec: { template: podTemplate },
      } as KubeObject,
      resource: 'jobs.batch',
      want: { details: { causes: [{ field: 'spec.template.labels' }, { field: 'spec.template.labels' }] } },
    },
  ])('is refused when $name', ({ given, resource, there, want }) => {
    expect(create(given, resource, there)).toMatchObject({ events: [], refused: want });
  });
});
