import { beforeAll, describe, expect, it } from 'vitest';
import { allPlugins } from '../../admission/default-plugins.ts';
import type { AdmissionPlugin, AdmissionReview } from '../../admission/plugin.ts';
import { ServiceAccountTokens } from '../../auth/service-account-tokens.ts';
import type { KubeObject } from '../../kube/object.ts';
import { namespace, pod } from '../../testing/objects.ts';
import { type RequestOptions, type TestServer, testServer } from '../../testing/server.ts';

/** What plugins are shown of a write, both to change and to judge (admission.Attributes). */
type View = [operation: string, resource: string, subresource: string, object: string, old: string];

const seen: { mutating: View[]; validating: View[] } = { mutating: [], validating: [] };
const kindOf = (object: KubeObject | undefined) => object?.kind ?? '';
const viewOf = ({ operation, resource, subresource = '', object, old }: AdmissionReview): View => [
  operation,
  resource.groupResource,
  subresource,
  kindOf(object),
  kindOf(old),
];
const watcher: AdmissionPlugin = {
  name: 'Watcher',
  mutate: (review) => void seen.mutating.push(viewOf(review)),
  validate: (review) => void seen.validating.push(viewOf(review)),
};

const merge = (body: object): RequestOptions => ({ type: 'application/merge-patch+json', body });
const apply = (body: object): RequestOptions => ({ type: 'application/apply-patch+yaml', body });
const PODS = '/api/v1/namespaces/default/pods';
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';
const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 3 } };
const binding = (name: string) => ({ apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: 'n' } });
const eviction = (name: string) => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
const debug = { ephemeralContainers: [{ name: 'debug', image: 'i' }] };
const requests = (cpu: string) => ({ spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }] } });

/** Every way to write, and what plugins are to see of it, first what the client asked for. */
const writes: readonly { line: string; options?: RequestOptions; want: View[] }[] = [
  {
    line: `POST ${PODS}`,
    options: { body: { metadata: { name: 'new' }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
    want: [['CREATE', 'pods', '', 'Pod', '']],
  },
  { line: `PATCH ${PODS}/p`, options: merge({ metadata: { labels: { a: 'b' } } }), want: [['UPDATE', 'pods', '', 'Pod', 'Pod']] },
  {
    line: `PATCH ${PODS}/p?fieldManager=m`,
    options: apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { c: 'd' } } }),
    want: [['UPDATE', 'pods', '', 'Pod', 'Pod']],
  },
  {
    line: `PATCH ${PODS}/applied?fieldManager=m`,
    options: apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'applied' }, spec: { containers: [{ name: 'c', image: 'i' }] } }),
    want: [['CREATE', 'pods', '', 'Pod', '']],
  },
  { line: `PATCH ${PODS}/p/status`, options: merge({ status: { phase: 'Running' } }), want: [['UPDATE', 'pods', 'status', 'Pod', 'Pod']] },
  { line: `PATCH ${PODS}/p/ephemeralcontainers`, options: merge({ spec: debug }), want: [['UPDATE', 'pods', 'ephemeralcontainers', 'Pod', 'Pod']] },
  {
    line: `PATCH ${PODS}/p/resize`,
    options: { type: 'application/strategic-merge-patch+json', body: requests('2') },
    want: [['UPDATE', 'pods', 'resize', 'Pod', 'Pod']],
  },
  { line: `POST ${PODS}/p/binding`, options: { body: binding('p') }, want: [['CREATE', 'pods', 'binding', 'Binding', '']] },
  { line: 'POST /api/v1/namespaces/default/bindings', options: { body: binding('q') }, want: [['CREATE', 'bindings', '', 'Binding', '']] },
  {
    line: `POST ${PODS}/p/eviction`,
    options: { body: eviction('p') },
    want: [
      ['CREATE', 'pods', 'eviction', 'Eviction', ''],
      ['UPDATE', 'poddisruptionbudgets.policy', 'status', 'PodDisruptionBudget', 'PodDisruptionBudget'],
    ],
  },
  { line: `DELETE ${PODS}/q`, want: [['DELETE', 'pods', '', '', 'Pod']] },
  {
    line: `DELETE ${PODS}?labelSelector=app=many`,
    want: [
      ['DELETE', 'pods', '', '', 'Pod'],
      ['DELETE', 'pods', '', '', 'Pod'],
    ],
  },
  { line: `GET ${PODS}/r/exec?command=sh`, want: [['CONNECT', 'pods', 'exec', 'PodExecOptions', '']] },
  { line: `GET ${PODS}/r/log`, want: [] },
  { line: `PUT ${WEB}/scale`, options: { body: scale }, want: [['UPDATE', 'deployments.apps', 'scale', 'Scale', 'Scale']] },
  { line: `PATCH ${WEB}/scale`, options: merge({ spec: { replicas: 4 } }), want: [['UPDATE', 'deployments.apps', 'scale', 'Scale', 'Scale']] },
  {
    line: `PATCH ${WEB}/scale?fieldManager=m&force=true`,
    options: apply({ ...scale, spec: { replicas: 5 } }),
    want: [['UPDATE', 'deployments.apps', 'scale', 'Scale', 'Scale']],
  },
  { line: `PATCH ${WEB}/status`, options: merge({ status: { replicas: 1 } }), want: [['UPDATE', 'deployments.apps', 'status', 'Deployment', 'Deployment']] },
  {
    line: 'POST /api/v1/namespaces/default/serviceaccounts/bob/token',
    options: { body: {} },
    want: [['CREATE', 'serviceaccounts', 'token', 'TokenRequest', '']],
  },
  ...Object.entries({
    'authorization.k8s.io/v1/selfsubjectaccessreviews': ['SelfSubjectAccessReview', { nonResourceAttributes: { verb: 'get', path: '/' } }],
    'authorization.k8s.io/v1/subjectaccessreviews': ['SubjectAccessReview', { user: 'u', nonResourceAttributes: { verb: 'get', path: '/' } }],
    'authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews': [
      'LocalSubjectAccessReview',
      { user: 'u', resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } },
    ],
    'authorization.k8s.io/v1/selfsubjectrulesreviews': ['SelfSubjectRulesReview', { namespace: 'default' }],
    'authentication.k8s.io/v1/tokenreviews': ['TokenReview', { token: 't' }],
    'authentication.k8s.io/v1/selfsubjectreviews': ['SelfSubjectReview', undefined],
  }).map(([path, [kind, spec]]): (typeof writes)[number] => {
    const [group] = path.split('/');
    return { line: `POST /apis/${path}`, options: { body: { spec } }, want: [['CREATE', `${path.split('/').at(-1)}.${group}`, '', kind as string, '']] };
  }),
  {
    line: 'PUT /api/v1/namespaces/gone/finalize',
    options: { body: { metadata: { name: 'gone' }, spec: { finalizers: ['kubernetes'] } } },
    want: [['UPDATE', 'namespaces', 'finalize', 'Namespace', 'Namespace']],
  },
];

let server: TestServer;
beforeAll(async () => {
  const plugins = [...allPlugins().map((plugin) => ('off' in plugin ? plugin.off : plugin)), watcher];
  server = await testServer({
    admissionPlugins: plugins,
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32).fill(7) }),
    objects: [
      namespace('default'),
      namespace('gone'),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bob', namespace: 'default' } },
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { allocatable: { cpu: '4', memory: '1Gi' } } } as KubeObject,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      } as KubeObject,
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'b', namespace: 'default' },
        spec: { minAvailable: 0, selector: { matchLabels: { app: 'p' } } },
      } as KubeObject,
      { ...pod('p', { labels: { app: 'p' } }), ...requests('1') } as KubeObject,
      pod('q'),
      pod('r'),
      pod('m1', { labels: { app: 'many' } }),
      pod('m2', { labels: { app: 'many' } }),
    ],
  });
  const status = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 };
  await server.request('PATCH /apis/policy/v1/namespaces/default/poddisruptionbudgets/b/status', merge({ status }));
});

describe('every way to write is shown to admission', () => {
  // One after the other: what one leaves the next begins with.
  it.each(writes)('$line', async ({ line, options, want }) => {
    seen.mutating = [];
    seen.validating = [];
    const { code, json } = await server.request(line, options ?? {});
    expect({ ...seen, code, message: json?.message }).toMatchObject({
      mutating: want,
      validating: want,
      code: expect.toSatisfy((code) => code < 300 || code === 501),
    });
  });
});
