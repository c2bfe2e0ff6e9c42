import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../kube/fields.ts';
import { StatusError } from '../kube/status.ts';
import { definitionOf, schemaOf } from './built-in-types.ts';
import { decodeObject, strictError } from './decode.ts';

const gvkOf = (apiVersion: string, kind: string) => {
  const [version, group = ''] = apiVersion.split('/').reverse();
  return { group, version: version!, kind };
};

function decode(apiVersion: string, kind: string, value: unknown, strict = true) {
  return decodeObject({ value, type: schemaOf(definitionOf(apiVersion, kind)!)!, gvk: gvkOf(apiVersion, kind), strict });
}

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    expect(error.status).toMatchObject({ code: 400, reason: 'BadRequest' });
    return error.message;
  }
  throw new Error('nothing was thrown');
}

const container = (fields: object) => ({ spec: { containers: [{ name: 'c', ...fields }] } });
const httpGet = (fields: object) => container({ livenessProbe: { httpGet: fields } });
const created = (creationTimestamp: unknown) => ({ metadata: { creationTimestamp } });

// What k8s.io/apimachinery 0.36 says of the same texts.
describe('a value of the wrong type', () => {
  const cases: [kind: string, apiVersion: string, given: object, message: string][] = [
    ['Deployment', 'apps/v1', { spec: { replicas: '1' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['Pod', 'v1', { spec: 'x' }, 'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec'],
    ['Pod', 'v1', { spec: [] }, 'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec'],
    ['Pod', 'v1', { spec: { containers: {} } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['Pod', 'v1', { spec: { containers: ['x'] } }, 'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container'],
    ['Pod', 'v1', { spec: { hostNetwork: 'yes' } }, 'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool'],
    ['Pod', 'v1', { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    ['Pod', 'v1', { metadata: { labels: [] } }, 'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string'],
    ['Pod', 'v1', container({ image: true }), 'json: cannot unmarshal bool into Go struct field Container.spec.containers.image of type string'],
    [
      'Pod',
      'v1',
      container({ imagePullPolicy: 1 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy',
    ],
    [
      'Pod',
      'v1',
      container({ ports: [{ containerPort: 1.5 }] }),
      'json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      'Pod',
      'v1',
      container({ ports: [{ hostPort: 3e9 }] }),
      'json: cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.containers.ports.hostPort of type int32',
    ],
    [
      'Pod',
      'v1',
      container({ resources: { limits: 1 } }),
      'json: cannot unmarshal number into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList',
    ],
    [
      'Pod',
      'v1',
      container({ resources: { limits: { cpu: 'a' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'Pod',
      'v1',
      container({ resources: { limits: { cpu: {} } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'Pod',
      'v1',
      httpGet({ port: true }),
      'json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32',
    ],
    [
      'Pod',
      'v1',
      { spec: { volumes: [{ emptyDir: 'x' }] } },
      'json: cannot unmarshal string into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource',
    ],
    ['Pod', 'v1', created(1), 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string'],
    ['Pod', 'v1', created('today'), 'parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006"'],
    ['ConfigMap', 'v1', { data: { a: true } }, 'json: cannot unmarshal bool into Go struct field ConfigMap.data of type string'],
    ['Secret', 'v1', { data: { a: 1 } }, 'json: cannot unmarshal number into Go struct field Secret.data of type []uint8'],
    ['Secret', 'v1', { data: { a: 'hello world' } }, 'illegal base64 data at input byte 5'],
    ['Secret', 'v1', { data: { a: 'YWJ' } }, 'illegal base64 data at input byte 0'],
    [
      'NetworkPolicy',
      'networking.k8s.io/v1',
      { spec: { policyTypes: [1] } },
      'json: cannot unmarshal number into Go struct field NetworkPolicySpec.spec.policyTypes of type v1.PolicyType',
    ],
  ];
  it.each(cases)('%s %s %j', (kind, apiVersion, given, message) => {
    const version = apiVersion.split('/').pop();
    expect(failure(() => decode(apiVersion, kind, given))).toBe(`${kind} in version "${version}" cannot be handled as a ${kind}: ${message}`);
  });
});

describe('the decoded form', () => {
  const cases: [what: string, apiVersion: string, kind: string, given: object, want: object][] = [
    [
      'drops nulls',
      'v1',
      'Pod',
      { metadata: { name: 'a', creationTimestamp: null }, spec: { nodeName: null } },
      { metadata: { name: 'a' }, spec: {}, status: {} },
    ],
    [
      'has structs that are no pointers',
      'v1',
      'Pod',
      { spec: { containers: [{ name: 'c' }] } },
      { metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] }, status: {} },
    ],
    ['has them inside others', 'v1', 'Service', {}, { metadata: {}, spec: {}, status: { loadBalancer: {} } }],
    [
      'drops zeros that Go omits and keeps those behind pointers',
      'v1',
      'Pod',
      { spec: { hostNetwork: false, nodeName: '', automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 } },
      { metadata: {}, spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 }, status: {} },
    ],
    [
      'drops empty lists and maps, and keeps empty structs',
      'v1',
      'Pod',
      { spec: { volumes: [], nodeSelector: {}, affinity: {} } },
      { metadata: {}, spec: { affinity: {} }, status: {} },
    ],
    [
      'keeps an empty storageClassName',
      'v1',
      'PersistentVolumeClaim',
      { spec: { storageClassName: '', volumeName: '' } },
      { metadata: {}, spec: { storageClassName: '', resources: {} }, status: {} },
    ],
    [
      'writes quantities canonically',
      'v1',
      'ResourceQuota',
      { spec: { hard: { cpu: 0.5, memory: '1024Mi', pods: 1000 } } },
      { metadata: {}, spec: { hard: { cpu: '500m', memory: '1Gi', pods: '1k' } }, status: {} },
    ],
    ['writes times in UTC', 'v1', 'ConfigMap', created('2024-01-02T03:04:05.5+02:00'), created('2024-01-02T01:04:05Z')],
    ['joins lines of base64', 'v1', 'Secret', { data: { a: 'YWJj\nYQ==\n' } }, { metadata: {}, data: { a: 'YWJjYQ==' } }],
    [
      'makes a null in a map or a list the zero of its type',
      'v1',
      'ConfigMap',
      { metadata: { finalizers: [null] }, data: { a: null } },
      { metadata: { finalizers: [''] }, data: { a: '' } },
    ],
    [
      'takes numbers and texts for ports',
      'v1',
      'Service',
      {
        spec: {
          ports: [
            { port: 1, targetPort: 'http' },
            { port: 2, targetPort: 8080 },
          ],
        },
      },
      {
        metadata: {},
        spec: {
          ports: [
            { port: 1, targetPort: 'http' },
            { port: 2, targetPort: 8080 },
          ],
        },
        status: { loadBalancer: {} },
      },
    ],
    [
      'keeps what is raw as it is',
      'apps/v1',
      'ControllerRevision',
      { data: { a: [null, { b: '' }] }, revision: 1 },
      { metadata: {}, data: { a: [null, { b: '' }] }, revision: 1 },
    ],
    [
      'takes a schema or a boolean',
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {
        spec: {
          versions: [
            {
              schema: {
                openAPIV3Schema: { additionalProperties: false, items: { type: 'string' }, properties: { a: { additionalProperties: { type: 'x' } } } },
              },
            },
          ],
        },
      },
      {
        metadata: {},
        status: { acceptedNames: { plural: '', kind: '' } },
        spec: {
          group: '',
          scope: '',
          names: { plural: '', kind: '' },
          versions: [
            {
              name: '',
              served: false,
              storage: false,
              schema: {
                openAPIV3Schema: { additionalProperties: false, items: { type: 'string' }, properties: { a: { additionalProperties: { type: 'x' } } } },
              },
            },
          ],
        },
      },
    ],
  ];
  it.each(cases)('%s', (_, apiVersion, kind, given, want) => {
    const before = structuredClone(given);
    expect(decode(apiVersion, kind, given).object).toEqual({ apiVersion, kind, ...want });
    expect(given).toEqual(before);
  });

  it('is the object itself when it is canonical already', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { a: 'b' } }, data: { a: 'b' } };
    expect(decode('v1', 'ConfigMap', object).object).toBe(object);
    expect(decode('v1', 'ConfigMap', decode('v1', 'ConfigMap', { data: { b: 'c' } }).object).object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {},
      data: { b: 'c' },
    });
  });

  it('takes __proto__ for a name like any other', () => {
    const given = JSON.parse('{"data":{"__proto__":"x","a":null},"__proto__":{"b":"c"}}');
    const { object, unknownFields } = decode('v1', 'ConfigMap', given);
    expect(unknownFields).toEqual(['unknown field "__proto__"']);
    expect(Object.entries(fieldsOf(object)['data'] as object)).toEqual([
      ['__proto__', 'x'],
      ['a', ''],
    ]);
    expect(fieldsOf(object)['b']).toBeUndefined();
  });
});

describe('unknown fields', () => {
  it.each([
    [{ spec: { foo: 1 } }, ['spec.foo']],
    [{ spec: { containers: [{ name: 'c' }, { imag: 'x', Name: 'd' }] } }, ['spec.containers[1].imag', 'spec.containers[1].Name']],
    [{ metadata: { labels: { foo: 'x' }, managedFields: [{ fieldsV1: { any: {} } }] } }, []],
    [{ metadata: { x: { y: 1 } }, foo: null }, ['metadata.x', 'foo']],
    [{ spec: { volumes: [{ name: 'a', emptyDir: { a: 1 } }] } }, ['spec.volumes[0].emptyDir.a']],
  ])('%j', (given, paths) => {
    const { object, unknownFields } = decode('v1', 'Pod', given);
    expect(unknownFields).toEqual(paths.map((path) => `unknown field "${path}"`));
    expect(decode('v1', 'Pod', object).unknownFields).toEqual([]);
    expect(decode('v1', 'Pod', given, false)).toEqual({ object, unknownFields: [] });
  });

  it('are named with the key of a map', () => {
    const schema = { versions: [{ schema: { openAPIV3Schema: { properties: { 'a.b': { foo: 1 } } } } }] };
    expect(decode('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: schema }).unknownFields).toEqual([
      'unknown field "spec.versions[0].schema.openAPIV3Schema.properties.a.b.foo"',
    ]);
  });

  it('are told at most a hundred times, and briefly, however long the key that leads to them', () => {
    const properties = { ['k'.repeat(1_000_000)]: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${i}`, 1])) };
    const schema = { versions: [{ schema: { openAPIV3Schema: { properties } } }] };
    const { unknownFields } = decode('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: schema });
    expect(unknownFields.length).toBeLessThanOrEqual(100);
    expect(Math.max(...unknownFields.map(({ length }) => length))).toBeLessThan(1100);
  });

  it('are refused in the words of Kubernetes', () => {
    const gvk = gvkOf('apps/v1', 'Deployment');
    expect(strictError(gvk, ['unknown field "spec.foo"', 'duplicate field "spec.replicas"']).message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", duplicate field "spec.replicas"',
    );
  });
});

describe('the kind of a body', () => {
  it.each([{}, { kind: 'Pod' }, { apiVersion: 'v1' }, { kind: '', apiVersion: null }])('is the expected one when it does not say: %j', (given) => {
    expect(decode('v1', 'Pod', given).object).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
  });

  const parse = "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: json: cannot unmarshal";
  it.each<[unknown, string]>([
    [{ apiVersion: 'v1', kind: 'Service' }, 'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion'],
    [
      { apiVersion: 'v1', kind: 'Foo' },
      'Foo in version "v1" cannot be handled as a Pod: no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [{ apiVersion: 'v2' }, 'the API version in the data (v2) does not match the expected API version (v1)'],
    [{ apiVersion: 'a/b/c' }, 'the object provided is unrecognized (must be of type Pod): unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})'],
    [{ apiVersion: 1 }, `${parse} number into Go struct field .apiVersion of type string ({"apiVersion":1})`],
    [
      [1],
      `${parse} array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)`,
    ],
  ])('%j', (given, message) => expect(failure(() => decode('v1', 'Pod', given))).toBe(message));

  it('names the expected group and version', () => {
    expect(failure(() => decode('autoscaling/v2', 'HorizontalPodAutoscaler', { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler' }))).toBe(
      'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    );
  });
});

it('keeps a list that is empty only where that is not the same as none', () => {
  const rules = (policies: unknown) => ({
    metadata: { name: 'a' },
    spec: { maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'a' }, behavior: { scaleUp: { policies } } },
  });
  const scaleUp = (policies: unknown) =>
    (fieldsOf(decode('autoscaling/v2', 'HorizontalPodAutoscaler', rules(policies)).object)['spec'] as { behavior: { scaleUp: object } }).behavior.scaleUp;
  expect(scaleUp([])).toEqual({ policies: [] });
  expect(scaleUp(null)).toEqual({});
});
