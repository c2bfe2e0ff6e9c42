import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanStatus } from '../core/apis/logplane/plan-status.ts';
import { deploymentManifest } from '../core/testing/plans.ts';
import { CommandLineHost } from '../test/support/command-line.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { planJunit } from './plan-junit.ts';
import { planTable } from './plan-table.ts';

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 2 });
  // A cluster behind a path, as `/clusters/NAME` is.
  const { url, ca, token } = at.host;
  writeKubeconfig(at.kubeconfig, { server: `${url}/clusters/default`, ca, token, cluster: 'default' });
});
afterAll(() => at.close());

const logplane = async (...args: string[]) => {
  const { code, out, err } = await at.run(args);
  return { code, stdout: out, stderr: err };
};
const plan = (...args: string[]) => logplane('plan', ...args);

const file = (name: string, ...objects: readonly object[]): string => at.write(name, ...objects);

describe('logplane plan', () => {
  it('prints a table, and exits with 0, when all would be well', async () => {
    const { code, stdout, stderr } = await plan('-f', file('web.json', deploymentManifest('web', { replicas: 2 })));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Applied\n {2}created {2}deployment\/web -n default\n/);
    expect(stdout).toContain('✔ This would go well');
    expect((await at.host.replica('default'))!.state.get('deployments.apps', 'default', 'web')).toBeUndefined();
  });

  it('prints JUnit, and exits with 1, when something would fail', async () => {
    const { code, stdout } = await plan('-f', file('big.json', deploymentManifest('big', { cpu: '64' })), '-o', 'junit');
    expect(code).toBe(1);
    expect(stdout).toContain('<testcase classname="applied" name="Deployment default/big"/>');
    expect(stdout).toMatch(/<testcase classname="scheduled" name="default\/ReplicaSet\/big-\w+ \(1\)">\n {6}<failure message="0\/2 nodes are available/);
  });

  it("puts what names no namespace into that of the kubeconfig's context", async () => {
    const there = path.join(at.dir, 'in-a-namespace');
    writeFileSync(there, readFileSync(at.kubeconfig, 'utf8').replace('user: logplane-default\n', 'user: logplane-default\n      namespace: kube-public\n'));
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    const { stdout } = await plan('-f', file('config.json', config), '--kubeconfig', there);
    expect(stdout).toContain('created  configmap/c -n kube-public');
  });

  it('prints JSON of what comes to pass', async () => {
    const { code, stdout } = await plan('--fail-zone', 'eu-west-1a', '--cordon', 'node-2', '--until', '10m', '-o', 'json');
    const status: PlanStatus = JSON.parse(stdout);
    expect({ code, status }).toMatchObject({ code: 0, status: { result: 'Succeeds', nodes: { lost: ['node-1'] } } });
    expect(status.applied.changed.map(({ name }) => name)).toEqual(['node-2', 'node-1']);
  });

  it.each([
    { name: 'one by one', how: [] },
    { name: 'at once', how: ['--atomic'] },
  ])('tells of what apply and kubectl have applied what apply does then: $name', async ({ how }) => {
    const [ours, theirs] = [`ours-${how.length}`, `theirs-${how.length}`];
    const app = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });
    const apply = (file: string, ...args: string[]) => logplane('apply', '-f', file, ...how, ...args);
    await apply(file('ours.json', app(ours, { a: '1', gone: '1' })));
    // As `kubectl apply` does it, on the client's side.
    const last = { ...app(theirs, { a: '1', gone: '1' }) };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(last) };
    const created = await at.host.fetch(
      new Request(at.host.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${at.host.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...last, metadata: { ...last.metadata, annotations } }),
      }),
      { target: '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply' },
    );
    expect(created.status).toBe(201);
    const both = file('both.json', app(ours, { a: '2' }), app(theirs, { a: '2' }));
    const { code, stdout } = await plan('-f', both, '-o', 'json');
    const { applied }: PlanStatus = JSON.parse(stdout);
    expect({ code, refused: applied.refused }).toEqual({ code: 0, refused: [] });
    const fields = applied.changed.map(({ name, fields }) => [name, fields.map(({ path }) => path).filter((path) => path.startsWith('.data'))]);
    expect(fields).toEqual([ours, theirs].map((name) => [name, ['.data.a', '.data.gone']]));
    expect(await apply(both)).toMatchObject({ code: 0 });
    for (const name of [ours, theirs]) expect((await at.host.replica('default'))!.state.get('configmaps', 'default', name)?.data).toEqual({ a: '2' });
    // Of others it is refused, and says what to do.
    await apply(file('others.json', app(ours, { a: '3' })), '--field-manager', 'other', '--force-conflicts');
    expect(await apply(both)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/conflict with "other": \.data\.a[\s\S]*is taken over with --force-conflicts/),
    });
  });

  it.each([
    { name: 'nothing to plan', args: [], want: 'a plan needs manifests (-f), or something that comes to pass' },
    { name: 'a file that is not there', args: ['-f', '/none'], want: 'the path "/none" does not exist' },
    { name: 'a time that is none', args: ['--until', 'soon'], want: 'ready is needed, or a duration such as 10m.' },
  ])('exits with 2 when there is no plan: $name', async ({ args, want }) => {
    const { code, stdout, stderr } = await plan(...args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(want) });
  });

  it('exits with 3 when the cluster does not answer, and with 2 when it lets nobody plan', async () => {
    const nothing = await plan('--drain', 'node-1', '--kubeconfig', path.join(import.meta.dirname, '../package.json'));
    expect(nothing).toMatchObject({ code: 3, stderr: expect.stringContaining('there is no current context; it has no contexts') });
    const elsewhere = path.join(at.dir, 'elsewhere');
    writeKubeconfig(elsewhere, { server: 'https://127.0.0.1:1', ca: at.host.ca, token: at.host.token, cluster: 'default' });
    const silent = await plan('--drain', 'node-1', '--kubeconfig', elsewhere);
    expect(silent).toMatchObject({ code: 3, stderr: expect.stringContaining('https://127.0.0.1:1 does not answer') });
    writeKubeconfig(elsewhere, { server: at.host.url, ca: at.host.ca, token: 'wrong', cluster: 'default' });
    expect(await plan('--drain', 'node-1', '--kubeconfig', elsewhere)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^logplane: Unauthorized: .*take the kubeconfig of the cluster again\n$/),
    });
  });
});

const of = (kind: string, name: string) => ({ apiVersion: 'v1', kind, namespace: 'shop', name });
const status: PlanStatus = {
  result: 'Fails',
  message: '1 object is refused',
  resourceVersion: '7',
  startTime: '2026-01-01T00:00:00Z',
  duration: '10m0s',
  ended: 'Settled',
  applied: {
    created: [{ ...of('Service', 'web'), warnings: ['old'] }],
    changed: [
      {
        ...of('Deployment', 'web'),
        fields: [
          { path: '.spec.replicas', before: '2', after: '3' },
          { path: '.spec.paused', after: 'true' },
        ],
      },
    ],
    deleted: [],
    unchanged: [],
    refused: [
      {
        ...of('Pod', 'p<"&\u0000'),
        code: 403,
        reason: 'Forbidden',
        message: 'a long text that does not have room in one line of the narrow terminal that it is printed on',
      },
    ],
  },
  controllers: {
    created: [{ apiVersion: 'v1', kind: 'Pod', count: 5, names: ['shop/a', 'shop/b', 'shop/c', 'shop/d'] }],
    changed: [],
    deleted: [],
    cameAndWent: [{ apiVersion: 'batch/v1', kind: 'Job', count: 1, names: ['shop/j'] }],
  },
  stuck: [{ ...of('Deployment', 'web'), ready: 2, wanted: 3, reasons: [{ reason: 'Unschedulable', message: 'no room', pods: 1, pod: 'a' }] }],
  unscheduled: [
    {
      namespace: 'shop',
      owner: 'ReplicaSet/web',
      count: 1,
      pods: ['a'],
      message: 'no room',
      nodes: [{ node: 'n1', reasons: ['Insufficient cpu'] }],
      moreNodes: 3,
    },
  ],
  evictions: [{ reason: 'PreemptionByScheduler', message: 'made room', count: 1, pods: ['shop/z'], after: '3s' }],
  outOfMemory: [{ namespace: 'shop', owner: 'ReplicaSet/web', container: 'web', count: 3, pods: ['a', 'b'], after: '10m0s' }],
  disruptionBudgets: [{ ...of('PodDisruptionBudget', 'web'), message: 'needs 2', pods: ['b'] }],
  refusals: [{ actor: 'replicaset-controller', owner: 'ReplicaSet/web', namespace: 'shop', count: 2, reason: 'FailedCreate', message: 'exceeded quota' }],
  nodes: { added: [], removed: ['n9'], lost: [] },
  unknowns: [{ about: 'NodeAutoscaling', message: 'there is none' }],
  events: [
    { ...of('Pod', 'a'), first: '0s', last: '5m0s', count: 4, type: 'Warning', reason: 'FailedScheduling', message: 'no room', by: 'default-scheduler' },
  ],
  moreEvents: 2,
};

it('a table has what is not well at its end, wrapped to the terminal', () => {
  expect(planTable(status, 80)).toBe(`Applied
  created    service/web -n shop
                                     Warning: old
  changed    deployment/web -n shop  .spec.replicas 2 → 3
                                     .spec.paused becomes true
  ✘ refused  pod/p<"&\uFFFD -n shop       a long text that does not have room in one
                                     line of the narrow terminal that it is
                                     printed on

Then, by controllers
  created        5 Pod  shop/a, shop/b, shop/c and 2 more
  came and went  1 Job  shop/j

Nodes
  removed  1  n9

Events
  0s  Warning  FailedScheduling  pod/a -n shop  no room (4 times)
                                 and 2 more

Evicted
  1 after 3s  PreemptionByScheduler  made room (shop/z)

Not known
  Node autoscaling  there is none

Refused to controllers
  2 × ReplicaSet/web -n shop  exceeded quota

Out of memory
  ✘ 3 × ReplicaSet/web -n shop  container web is killed for its memory, first
                                after 10m0s (a, b)

Disruption budgets in the way
  web -n shop  needs 2 (b)

Without a node
  ✘ ReplicaSet/web -n shop  no room
      n1                    Insufficient cpu
      3 more nodes

Not ready
  ✘ deployment/web -n shop  2/3  pod a: Unschedulable: no room

✘ This would fail: 1 object is refused.
Nothing is waited for any more after 10m0s, from resourceVersion 7 on.
`);
});

it('JUnit has a case for each object, and its texts are XML', () => {
  const xml = planJunit(status);
  expect(xml).toContain('<testsuite name="logplane plan" tests="8" failures="5">');
  expect(xml).toContain('name="Pod shop/p&lt;&quot;&amp;\uFFFD"');
  expect(
    [...xml.matchAll(/<testcase classname="(\w+)" name="([^"]*)"(\/?)>/g)].map(([, group, name, well]) => `${well ? 'ok' : 'no'} ${group} ${name}`),
  ).toEqual([
    'ok applied Service shop/web',
    'ok applied Deployment shop/web',
    'no applied Pod shop/p&lt;&quot;&amp;\uFFFD',
    'ok ready Service shop/web',
    'no ready Deployment shop/web',
    'no scheduled shop/ReplicaSet/web (1)',
    'no memory shop/ReplicaSet/web web',
    'no evicted PodDisruptionBudget shop/web',
  ]);
});
