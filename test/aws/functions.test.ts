import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { encodeBody } from '../../core/api/codec/body.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { systemEnv } from '../../core/env.ts';
import { dynamodbLog } from '../../core/log/dynamodb/dynamodb-log.ts';
import { nodeObjects } from '../../core/nodes/node-objects.ts';
import { Replica } from '../../core/replica/replica.ts';
import { certificateRequest } from '../../core/testing/certificate-requests.ts';
import { misread } from '../../core/testing/misread-targets.ts';
import { credential } from '../../local/credential.ts';
import { contentsOf, grants } from '../infra/grants.ts';
import { type AwsHost, startAwsHost, TOKEN } from './aws-host.ts';
import type { FunctionName } from './bundles.ts';
import type { Call } from './endpoint.ts';
import { create, deployment, json, phases, running, until, untilRunning } from './requests.ts';
import { measureThousandPods } from './thousand-pods.ts';

/** As the API is called in it (api-gateway.ts). */
const SERVER = 'https://abcdef.execute-api.eu-west-1.amazonaws.com/test';

describe('a deployment', () => {
  let host: AwsHost;
  beforeAll(async () => {
    host = await startAwsHost();
  });
  afterAll(() => host.close());
  afterEach(() => host.quiet());

  it('brings the pods of a Deployment up', async () => {
    await create(host, '/apis/apps/v1/namespaces/default/deployments', deployment('web', 3));
    await untilRunning(host, 3);
  });

  it('knows who has a certificate that it has signed, by what kubectl sends in its place', async () => {
    const { request, privateKey } = certificateRequest({ commonName: 'alice', organization: ['developers'] });
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
    await create(host, requests, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'alice' }, spec });
    const approval = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] } };
    expect((await host.fetch(`${requests}/alice/approval`, json('PATCH', approval))).status).toBe(200);
    const dir = mkdtempSync(path.join(tmpdir(), 'logplane-'));
    await until(async () => {
      const { status } = (await (await host.fetch(`${requests}/alice`)).json()) as { status: { certificate?: string } };
      if (status.certificate) writeFileSync(path.join(dir, 'alice.crt'), Buffer.from(status.certificate, 'base64'));
      return status.certificate !== undefined;
    });
    writeFileSync(path.join(dir, 'alice.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const whoami = async (server: string) => {
      const files = { certificate: path.join(dir, 'alice.crt'), key: path.join(dir, 'alice.key') };
      const execInfo = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', spec: { cluster: { server } } });
      const { status } = (await credential(files, { execInfo, now: Date.now() })) as { status: { token: string } };
      const headers = { authorization: `Bearer ${status.token}`, 'content-type': 'application/json' };
      const answer = await host.fetch('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', headers, body: '{}' });
      return answer.status === 201 ? ((await answer.json()) as { status: { userInfo: object } }).status.userInfo : answer.status;
    };
    expect(await whoami(SERVER)).toMatchObject({ username: 'alice', groups: ['developers', 'system:authenticated'] });
    expect(await whoami('https://evil.example')).toBe(401);
  });

  it('goes on where it was when every container is new', async () => {
    await Promise.all(Object.values(host.lambdas).map((lambda) => lambda.recycle()));
    const scaled = await host.fetch('/apis/apps/v1/namespaces/default/deployments/web', json('PATCH', { spec: { replicas: 5 } }));
    expect(scaled.status).toBe(200);
    await untilRunning(host, 5);
  });

  it('runs a pod for as long as it lasts, by way of the delay queue', async () => {
    host.takeUsage();
    const pod = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '2'] }] };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'nap' }, spec: { template: { spec: pod } } };
    await create(host, '/apis/batch/v1/namespaces/default/jobs', job);
    await until(async () => {
      const { status } = (await (await host.fetch('/apis/batch/v1/namespaces/default/jobs/nap')).json()) as { status: { succeeded?: number } };
      return status.succeeded === 1;
    });
    expect(host.takeUsage().invocations.timers).toBeGreaterThan(0);
  });

  it('takes and gives bodies that are not text', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bytes' }, data: { text: 'Grüße \u0000\u00ff' } };
    const protobuf = 'application/vnd.kubernetes.protobuf';
    const created = await host.fetch('/api/v1/namespaces/default/configmaps', {
      method: 'POST',
      headers: { 'content-type': protobuf, accept: protobuf },
      body: new Uint8Array(encodeBody(configMap, { mediaType: 'protobuf', pretty: false })),
    });
    expect(created.status).toBe(201);
    expect(Buffer.from(await created.arrayBuffer()).subarray(0, 4)).toEqual(Buffer.from('k8s\0'));
    const read = (await (await host.fetch('/api/v1/namespaces/default/configmaps/bytes')).json()) as typeof configMap;
    expect(read.data).toEqual(configMap.data);
  });

  it('keeps an object that is larger than a record of the table', async () => {
    const data = { noise: randomBytes(450_000).toString('base64') };
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data });
    await host.lambdas.api.recycle();
    const read = (await (await host.fetch('/api/v1/namespaces/default/configmaps/large')).json()) as { data: typeof data };
    expect(read.data).toEqual(data);
  });

  it('answers at the root, and with the Status of Kubernetes where nothing is', async () => {
    expect((await host.fetch('/')).status).toBe(200);
    const missing = await host.fetch('/api/v1/namespaces/default/pods/none');
    expect({ status: missing.status, body: await missing.json() }).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
    const noCluster = await host.fetch('/clusters/none/api/v1/pods');
    expect({ status: noCluster.status, body: await noCluster.json() }).toMatchObject({ status: 404, body: { kind: 'Status', code: 404 } });
  });

  it('passes queries on as they are meant', async () => {
    await create(host, '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'labelled', labels: { 'example.com/tier': 'a' } },
    });
    const query = new URLSearchParams({ labelSelector: 'example.com/tier in (a, b)', fieldSelector: 'metadata.name=labelled' });
    const { items } = (await (await host.fetch(`/api/v1/configmaps?${query}`)).json()) as { items: unknown[] };
    expect(items).toHaveLength(1);
  });

  it('takes a path as it was sent, so that none is folded into that of a collection or a namespace', async () => {
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } });
    // Queries come to the function decoded: one that was malformed cannot be told from one that means it.
    for (const { target, code } of misread.filter(({ target }) => !/\?.*(;|%zz)/.test(target))) {
      const answer = await host.fetch(target, { method: 'DELETE' });
      expect({ target, status: answer.status }).toEqual({ target, status: code });
      await answer.text();
    }
    expect((await host.fetch('/api/v1/namespaces/default/configmaps/kept')).status).toBe(200);
    expect(await (await host.fetch('/api/v1/namespaces/default')).json()).toMatchObject({ status: { phase: 'Active' } });
  });

  it('does not let a question mark that something on the way decoded end the path', async () => {
    const multiValueHeaders = { Authorization: [`Bearer ${TOKEN}`] };
    const event = { httpMethod: 'DELETE', path: '/api/v1/namespaces/default/configmaps?', body: null, requestContext: {}, multiValueHeaders };
    const chunks: Uint8Array[] = [];
    await host.lambdas.api.invoke(event, { onChunk: (bytes) => chunks.push(bytes) });
    expect(JSON.parse(Buffer.concat(chunks).toString().split('\0')[0]!)).toMatchObject({ statusCode: 404 });
  });

  it('ignores the body of a read', async () => {
    const { lambdas } = host;
    const multiValueHeaders = { Authorization: [`Bearer ${TOKEN}`] };
    const event = { httpMethod: 'GET', path: '/version', body: 'e30=', isBase64Encoded: true, requestContext: {}, multiValueHeaders };
    const chunks: Uint8Array[] = [];
    await lambdas.api.invoke(event, { onChunk: (bytes) => chunks.push(bytes) });
    expect(JSON.parse(Buffer.concat(chunks).toString().split('\0')[0]!)).toMatchObject({ statusCode: 200 });
  });

  it('shows a cluster as it was', async () => {
    const { metadata } = (await (await host.fetch('/api/v1/namespaces/default/configmaps/labelled')).json()) as { metadata: { resourceVersion: string } };
    const before = `/clusters/default%40${Number(metadata.resourceVersion) - 1}`;
    expect((await host.fetch(`${before}/api/v1/namespaces/default/configmaps/labelled`)).status).toBe(404);
    expect((await host.fetch(`${before}/api/v1/namespaces/default/configmaps`, json('POST', {}))).status).toBe(405);
  });

  it.each([
    ['without a token', ''],
    ['with a wrong token', 'Bearer an-administrators-token-for-test'],
    ['with a token of another kind', 'Basic YTpi'],
  ])('refuses %s, and looks nothing up', async (_, authorization) => {
    host.takeUsage();
    for (const path of ['/api/v1/namespaces/default/secrets', '/clusters/other/api/v1/pods', '/apis', '/readyz', '/version']) {
      const refused = await host.fetch(path, { headers: { authorization } });
      expect({ status: refused.status, body: await refused.json() }).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
    }
    expect(Object.keys(host.takeUsage().requests).filter((name) => name.startsWith('api '))).toEqual([]);
  });

  it('streams a watch: its head at once, each change as it comes, and a clean end', async () => {
    const { metadata } = (await (await host.fetch('/api/v1/configmaps')).json()) as { metadata: { resourceVersion: string } };
    const watch = await host.fetch(`/api/v1/configmaps?watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=${metadata.resourceVersion}`);
    expect({ status: watch.status, type: watch.headers.get('content-type') }).toEqual({ status: 200, type: 'application/json' });
    await create(host, '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' } });
    const lines = (await watch.text()).trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; object: { metadata: { name?: string } } });
    expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'watched'],
      ['BOOKMARK', undefined],
    ]);
  });

  it('ends a watch whose client went away, and serves the next request in its container', async () => {
    await (await host.fetch('/version')).text();
    const { coldStarts } = host.lambdas.api;
    const client = new AbortController();
    const watch = await host.fetch('/api/v1/pods?watch=true&timeoutSeconds=600', { signal: client.signal });
    client.abort();
    expect(watch.status).toBe(200);
    await until(() => host.lambdas.api.idle === host.lambdas.api.containers);
    expect((await host.fetch('/version')).status).toBe(200);
    expect(host.lambdas.api.coldStarts - coldStarts).toBeLessThanOrEqual(1);
  });

  it('serves every cluster that has begun', async () => {
    const log = dynamodbLog({ client: host.client, table: 'log', env: systemEnv });
    const now = Date.now();
    const replica = await Replica.open({ log, cluster: 'lab', env: systemEnv });
    await bootstrap(replica, { objects: [...bootstrapObjects(now), ...nodeObjects(1, now)], env: systemEnv, admissionPlugins: defaultAdmissionPlugins });
    const pods = '/clusters/lab/api/v1/namespaces/default/pods';
    await create(host, '/clusters/lab/apis/apps/v1/namespaces/default/deployments', deployment('web', 2));
    await untilRunning(host, 2, pods);
    expect(await phases(host, '/api/v1/namespaces/default/pods?labelSelector=app=web')).toEqual(running(5));
  });

  it('tells what would happen, and writes nothing for it', async () => {
    const before = host.calls.length;
    const spec = { manifests: [deployment('planned', 2)] };
    const answer = await host.fetch(
      '/apis/logplane.dev/v1/plans',
      json('POST', { apiVersion: 'logplane.dev/v1', kind: 'Plan', metadata: { name: 'p' }, spec }),
    );
    expect({ code: answer.status, plan: await answer.json() }).toMatchObject({
      code: 201,
      plan: { status: { result: 'Succeeds', controllers: { created: [{ kind: 'Pod', count: 2 }, { kind: 'ReplicaSet' }] } } },
    });
    const writes = host.calls.slice(before).filter(({ caller, operation }) => caller === 'api' && /^(Put|Update|Batch|Transact|Send)/.test(operation));
    expect(writes).toEqual([]);
  });

  it('makes, forks, resets, gives away and removes clusters, as objects of the cluster root', async () => {
    const clusters = '/clusters/root/apis/logplane.dev/v1/clusters';
    const cluster = (name: string, spec: object) => ({ apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec });
    const code = async (target: string, init?: RequestInit) => (await host.fetch(target, init)).status;
    await create(host, clusters, cluster('s1', { nodes: 1 }));
    const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    await create(host, '/clusters/s1/api/v1/namespaces/default/configmaps', configMap('a'));
    await create(host, clusters, cluster('f1', { forkOf: { name: 's1' } }));
    expect(await code('/clusters/f1/api/v1/namespaces/default/configmaps/a', { method: 'DELETE' })).toBe(200);
    expect(await code('/clusters/s1/api/v1/namespaces/default/configmaps/a')).toBe(200);

    expect(await code(`${clusters}/s1`, json('PATCH', { spec: { resetTo: 'start' } }))).toBe(200);
    await until(async () => (await code('/clusters/s1/api/v1/namespaces/default/configmaps/a')) === 404);
    expect(await code('/clusters/s1/api/v1/nodes/node-1')).toBe(200);

    const given = await host.fetch(
      `${clusters}/s1/credentials`,
      json('POST', { apiVersion: 'logplane.dev/v1', kind: 'ClusterCredentials', spec: { groups: ['system:masters'] } }),
    );
    const { status } = (await given.json()) as { status: { token: string; kubeconfig: string } };
    const headers = { authorization: `Bearer ${status.token}` };
    expect(status.kubeconfig).toContain(`server: ${SERVER}/clusters/s1`);
    expect([
      await code('/clusters/s1/api/v1/nodes', { headers }),
      await code('/clusters/f1/api/v1/nodes', { headers }),
      await code(clusters, { headers }),
    ]).toEqual([200, 401, 401]);

    expect(await code(`${clusters}/s1`, { method: 'DELETE' })).toBe(200);
    await until(async () => (await code(`${clusters}/s1`)) === 404);
    expect([await code('/clusters/s1/api/v1/nodes'), await code('/clusters/f1/api/v1/nodes/node-1')]).toEqual([404, 200]);
    // A second life of the name is another cluster, and no token of the first is good there.
    await create(host, clusters, cluster('s1', { nodes: 0 }));
    expect([await code('/clusters/s1/api/v1/nodes/node-1'), await code('/clusters/s1/api/v1/nodes', { headers })]).toEqual([404, 401]);
  });

  it('has had no problem in all of this', () => {
    expect(host.logs()).toBe('');
  });

  it('asks nothing of AWS that it is not granted', () => {
    const asked = new Set(host.calls.filter(({ caller }) => caller in grants).map(permissionFor));
    expect([...asked].filter((permission) => !allowed.has(permission))).toEqual([]);
    expect(asked.size).toBeGreaterThan(20);
  });
});

describe('a thousand pods', () => {
  it('cost as few requests and write units as they should', async () => {
    const figures = await measureThousandPods();
    console.log(figures);
    expect(figures.lambda_requests_per_pod).toBeLessThanOrEqual(0.1);
    expect(figures.lambda_wcu_per_pod).toBeLessThanOrEqual(0.6);
  });
});

const allowed = new Set(Object.entries(grants).flatMap(([name, permissions]) => permissions.map((permission) => `${name} may ${permission}`)));

const QUEUES: Readonly<Record<string, string>> = {
  'scheduler.fifo': 'SchedulerWakeups',
  'controllers.fifo': 'ControllersWakeups',
  'nodes.fifo': 'NodesWakeups',
  'clusters.fifo': 'ClustersWakeups',
  delayed: 'DelayedWakeups',
};

/** What IAM looks at for a request. A batch needs the permission of its single action. */
function permissionFor({ caller, operation, input }: Call): `${FunctionName} may ${string}` {
  const name = caller as FunctionName;
  if (input.QueueUrl) return `${name} may sqs:${operation.replace(/Batch$/, '')} ${QUEUES[input.QueueUrl.split('/').at(-1)]}`;
  const partition: string = (input.Key ?? input.Item)?.cluster.S ?? input.ExpressionAttributeValues[':cluster'].S;
  return `${name} may dynamodb:${operation} LogTable/${contentsOf(partition)}`;
}
