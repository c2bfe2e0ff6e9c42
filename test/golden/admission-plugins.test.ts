import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Cluster, startCluster, startHost } from './cluster.ts';

/** The settings of admission on the command line, and that what they say holds for clients and controllers alike. */

const dir = mkdtempSync(path.join(tmpdir(), 'logplane-admission-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = path.join(dir, 'admission.yaml');
writeFileSync(
  file,
  `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: { enforce: baseline }
    exemptions: { namespaces: [kube-system] }
`,
);

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const VIOLATION = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';

const post = (cluster: Cluster, target: string, body: object) =>
  cluster.fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const spec = (more: object = {}) => ({ containers: [{ name: 'c', image: 'registry.example/app:1', imagePullPolicy: 'IfNotPresent' }], ...more });
const pods = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

it('what an operator enables and configures holds for clients and controllers', async () => {
  await using cluster = await startCluster({
    args: ['--nodes', '0', '--enable-admission-plugins', 'AlwaysPullImages', '--admission-control-config-file', file],
  });
  const taken = await post(cluster, pods('default'), { metadata: { name: 'a' }, spec: spec() });
  expect(await taken.json()).toMatchObject({ spec: { containers: [{ imagePullPolicy: 'Always' }] } });

  const hosted = spec({ hostNetwork: true });
  const refused = await post(cluster, pods('default'), { metadata: { name: 'b' }, spec: hosted });
  expect({ code: refused.status, ...(refused.json() as object) }).toMatchObject({ code: 403, message: `pods "b" is forbidden: ${VIOLATION}` });
  expect((await post(cluster, pods('kube-system'), { metadata: { name: 'b' }, spec: hosted })).status).toBe(201);

  const labels = { app: 'web' };
  const deployment = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: hosted } } };
  expect((await post(cluster, DEPLOYMENTS, deployment)).status).toBe(201);
  await cluster.stream(`${DEPLOYMENTS}?watch=true`).seen('"ReplicaFailure"');
  const { status } = (await cluster.fetch(`${DEPLOYMENTS}/web`)).json() as { status: { conditions: { type: string; message: string }[] } };
  const { message } = status.conditions.find(({ type }) => type === 'ReplicaFailure')!;
  expect(message.replace(/web-[a-z0-9]+-[a-z0-9]{5}(?=")/, 'POD')).toBe(`pods "POD" is forbidden: ${VIOLATION}`);
});

it.each([
  { args: ['--enable-admission-plugins', 'PodSecurityPolicy'], why: 'enable-admission-plugins plugin "PodSecurityPolicy" is unknown' },
  { args: ['--disable-admission-plugins', 'Priority,priority'], why: 'disable-admission-plugins plugin "priority" is unknown' },
  { args: ['--enable-admission-plugins', 'EventRateLimit'], why: 'EventRateLimit needs limits in its configuration' },
  { args: ['--admission-control-config-file', path.join(dir, 'none.yaml')], why: 'ENOENT' },
])('$why: nothing is started', async ({ args, why }) => {
  const { code, text } = await startHost([...args, '--memory', '--port', '0']).ended;
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(why) });
});
