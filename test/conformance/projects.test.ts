import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { objectOf } from '../../core/kube/fields.ts';
import type { CustomResourceDefinition } from '../../core/schema/generated/kinds.ts';
import { type TestServer, testServer } from '../../core/testing/server.ts';

/**
 * Definitions of projects that are installed everywhere, as they publish them but for the descriptions (`projects.jsonl` says where each is from; all are under the
 * Apache License 2.0), and an object of each.
 */
interface Project {
  readonly project: string;
  readonly definition: CustomResourceDefinition;
}

const projects = readFileSync(new URL('projects.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Project);

interface Sample {
  readonly version: string;
  readonly spec: Record<string, unknown>;
  /** What defaults make of the spec. */
  readonly completed: Record<string, unknown>;
  /** A change of the spec that is refused, and what is said of it. */
  readonly bad: Record<string, unknown>;
  readonly message: RegExp;
}

const backend = { name: 'web', port: 80 };
const completeBackend = { ...backend, group: '', kind: 'Service', weight: 1 };

const samples: Readonly<Record<string, Sample>> = {
  'argo-cd': {
    version: 'v1alpha1',
    spec: {
      project: 'default',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'guestbook' },
      source: {
        repoURL: 'https://example.com/apps.git',
        path: 'guestbook',
        helm: { parameters: [{ name: 'replicas', value: '3' }], valuesObject: { any: [1, null] } },
      },
      syncPolicy: { automated: { prune: true }, retry: { limit: 3 } },
    },
    completed: {},
    bad: { project: 3 },
    message: /spec\.project: Invalid value: "integer": spec\.project in body must be of type string: "integer"/,
  },
  'cert-manager': {
    version: 'v1',
    spec: { secretName: 'web-tls', dnsNames: ['example.com'], issuerRef: { name: 'ca', kind: 'Issuer' }, privateKey: { algorithm: 'ECDSA', size: 256 } },
    completed: {},
    bad: { privateKey: { algorithm: 'DSA' } },
    message: /spec\.privateKey\.algorithm: Unsupported value: "DSA": supported values: "RSA", "ECDSA", "Ed25519"/,
  },
  istio: {
    version: 'v1',
    spec: {
      hosts: ['web.example.com'],
      http: [{ match: [{ uri: { prefix: '/v1' } }], route: [{ destination: { host: 'web', port: { number: 80 } }, weight: 100 }] }],
    },
    completed: {},
    bad: { http: [{ match: [{ uri: { prefix: '/a', exact: '/a' } }] }] },
    message: /must validate one and only one schema \(oneOf\)/,
  },
  karpenter: {
    version: 'v1',
    spec: {
      template: {
        spec: {
          expireAfter: '24h',
          nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
          requirements: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }],
        },
      },
      limits: { cpu: 1000, memory: '1000Gi' },
    },
    completed: {
      disruption: { budgets: [{ nodes: '10%' }], consolidateAfter: '0s', consolidationPolicy: 'WhenEmptyOrUnderutilized' },
    },
    bad: {
      template: {
        spec: {
          nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
          requirements: [{ key: 'kubernetes.io/arch', operator: 'In', values: [] }],
        },
      },
    },
    message: /spec\.template\.spec\.requirements: Invalid value: requirements with operator 'In' must have a value defined/,
  },
  'prometheus-operator': {
    version: 'v1',
    spec: { selector: { matchLabels: { app: 'web' } }, endpoints: [{ port: 'metrics', interval: '30s' }, { targetPort: 9090 }, { targetPort: 'admin' }] },
    completed: {},
    bad: { endpoints: [{ interval: 'soon' }] },
    message: /spec\.endpoints\[0\]\.interval: Invalid value: "soon": spec\.endpoints\[0\]\.interval in body should match/,
  },
  'gateway-api': {
    version: 'v1',
    spec: { parentRefs: [{ name: 'edge' }], rules: [{ backendRefs: [backend] }] },
    completed: {
      parentRefs: [{ name: 'edge', group: 'gateway.networking.k8s.io', kind: 'Gateway' }],
      rules: [{ backendRefs: [completeBackend], matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
    },
    bad: { rules: [{ backendRefs: [{ name: 'web' }] }] },
    message: /spec\.rules\[0\]\.backendRefs\[0\]: Invalid value: Must have port for Service reference/,
  },
};

async function established({ definition }: Project): Promise<TestServer> {
  const server = await testServer();
  const { json, code } = await server.request('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition });
  expect([code, json.message]).toEqual([201, undefined]);
  expect(json.status.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
  return server;
}

it.each(projects)('$project: its definition is taken whole, and its objects as they are', async (project) => {
  const { version, spec, completed, bad, message } = samples[project.project]!;
  const { group, names, scope } = project.definition.spec;
  const server = await established(project);
  const collection = `/apis/${group}/${version}/${scope === 'Namespaced' ? 'namespaces/default/' : ''}${names.plural}`;
  const body = objectOf({ apiVersion: `${group}/${version}`, kind: names.kind, metadata: { name: 'one' }, spec });
  const created = await server.request(`POST ${collection}?fieldValidation=Strict`, { body });
  expect([created.code, created.json.message]).toEqual([201, undefined]);
  expect(created.json.spec).toEqual({ ...spec, ...completed });
  const read = await server.request(`GET ${collection}/one`);
  expect(read.json).toEqual(created.json);
  // What was read can be written, and changes nothing.
  expect((await server.request(`PUT ${collection}/one`, { body: read.json })).json).toEqual(created.json);
  const refused = await server.request(`PATCH ${collection}/one`, { type: 'application/merge-patch+json', body: { spec: bad } });
  expect([refused.code, refused.json.message]).toEqual([422, expect.stringMatching(message)]);
  expect((await server.request(`DELETE ${collection}/one`)).code).toBe(200);
  expect(server.problems).toEqual([]);
});

describe('the definition itself', () => {
  it.each(projects)('$project: comes back as it was sent', async (project) => {
    const server = await established(project);
    const { name } = project.definition.metadata;
    const { json } = await server.request(`GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
    expect(json.spec).toEqual({ ...project.definition.spec, conversion: { strategy: 'None' } });
  });
});
