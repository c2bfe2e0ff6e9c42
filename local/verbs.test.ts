import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CommandLineHost, run } from '../test/support/command-line.ts';
import { configOf as config, deploymentOf as deployment } from '../test/support/manifests.ts';

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 2 });
});
afterAll(() => at.close());

function file(name: string, ...objects: readonly object[]): string {
  const found = path.join(at.dir, name);
  mkdirSync(path.dirname(found), { recursive: true });
  writeFileSync(found, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return found;
}

const settled = (name: string) => at.run(['test', '--context', 'logplane-default', '--for', `deployment/${name}:jsonpath={.status.replicas}=2`]);

describe('logplane', () => {
  it('applies one by one, and goes on after a refusal', async () => {
    const [good, bad] = [file('good.json', config('good', { a: '1' })), file('bad.json', deployment('bad', '1', -1))];
    const { code, out, err } = await at.run(['apply', '-f', bad, '-f', good]);
    expect({ code, out }).toEqual({ code: 1, out: 'configmap/good serverside-applied\n' });
    expect(err).toContain(`${bad}: Deployment bad: Deployment.apps "bad" is invalid: spec.replicas`);
  });

  it('tells why a pod has no node, node by node, and the causes down to the request', async () => {
    await at.run(['apply', '-f', file('big.json', deployment('big', '64'))]);
    await settled('big');
    const whole = await at.run(['why', 'deploy/big']);
    expect(whole.out).toContain('deployment.apps/big -n default  ✘ 0/2 ready\n');
    expect(whole.out).toMatch(/Why pod\/big-\w+-\w+ has no node\n {2}node-1 {2}Insufficient cpu\n {2}node-2 {2}Insufficient cpu\n/);
    const [pod] = /pod\/big-\w+-\w+/.exec(whole.out)!;
    const { scheduling, created, state } = JSON.parse((await at.run(['why', pod, '-o', 'json'])).out);
    expect(scheduling.nodes).toEqual([1, 2].map((n) => ({ node: `node-${n}`, feasible: false, reasons: 'Insufficient cpu' })));
    expect(state).toMatchObject({ ready: 0, wanted: 1, reasons: [{ reason: 'Unschedulable' }] });
    expect(created.map(({ object, actor }: { object: string; actor: string }) => [object.replace(/-.*/, ''), actor.split(':').at(-1)])).toEqual([
      ['pod/big', 'replicaset-controller'],
      ['replicaset.apps/big', 'deployment-controller'],
      ['deployment.apps/big', 'logplane-admin'],
    ]);
  });

  it('tells what became of an object, who made it what it is, and takes it back', async () => {
    await at.run(['apply', '-f', file('c1.json', config('colours', { wall: 'red' }))]);
    await at.run(['apply', '-f', file('c2.json', config('colours', { wall: 'blue' }))]);
    const history = JSON.parse((await at.run(['history', 'cm/colours', '-o', 'json'])).out);
    expect(history.items.map(({ type }: { type: string }) => type)).toEqual(['MODIFIED', 'ADDED']);
    const [second, first] = history.items.map(({ offset }: { offset: number }) => offset);
    expect((await at.run(['history', 'cm/colours', '-l', '1'])).out).toMatch(new RegExp(`^OFFSET .*\\n${second} .* logplane-admin +data\\.wall\\n$`));
    expect((await at.run(['blame', 'configmaps/colours'])).out).toMatch(new RegExp(`\\n${second} .* logplane-admin +\\.data\\.wall: blue\\n`));
    const wall = async () => (await at.host.replica('default'))!.state.get('configmaps', 'default', 'colours')?.data?.['wall'];

    const dry = await at.run(['undo', '--object', 'cm/colours', '--dry-run']);
    expect(dry.out).toMatch(
      /^changed back {2}configmaps\/colours -n default {2}\.data\.wall\nundo\.logplane\.dev\/undo-\w+ created \(server dry run\): nothing was written\n$/,
    );
    expect(await wall()).toBe('blue');
    expect(await at.run(['undo', '--object', 'cm/colours'])).toMatchObject({ code: 0 });
    expect(await wall()).toBe('red');
    expect(await at.run(['undo', '--object', 'cm/colours', '--to', String(second)])).toMatchObject({ code: 0 });
    expect(await wall()).toBe('blue');
    expect(await at.run(['undo', String(first)])).toMatchObject({ code: 1 });
    expect(await at.run(['undo', '99999999'])).toMatchObject({ code: 1, err: expect.stringContaining('must not be in the future') });
  });

  it('tells of an object that is gone', async () => {
    await at.run(['apply', '-f', file('gone.json', config('gone', {}))]);
    const [{ offset }] = JSON.parse((await at.run(['history', 'cm/gone', '-o', 'json'])).out).items;
    await at.run(['undo', String(offset)]);
    expect((await at.run(['history', 'cm/gone', '-o', 'json'])).out).toContain('"DELETED"');
    expect((await at.run(['why', 'cm/gone'])).out).toMatch(
      /is gone\n[\s\S]*Why it is gone\n.*deleted by logplane-admin\n.*undo\.logplane\.dev\/undo-\w+ +created by logplane-admin \(the request\)\n$/,
    );
    expect(await at.run(['why', 'cm/never'])).toEqual({ code: 1, out: '', err: 'logplane: configmaps "never" not found\n' });
  });

  it('makes, lists and deletes clusters and forks', async () => {
    const { offset } = (await at.host.replica('default'))!.state;
    const made = await at.run(['fork', 'try', '--of', `default@${offset}`, '--ttl', '1h']);
    expect(made.out).toContain(`cluster.logplane.dev/try created (a fork of default@${offset})\n  kubectl --server ${at.host.url}/clusters/try get pods -A\n`);
    expect((await at.run(['clusters', 'create', 'lab', '--nodes', '0', '-o', 'name'])).out).toBe('cluster.logplane.dev/lab\n');
    expect((await at.run(['clusters'])).out).toMatch(new RegExp(`\\ntry +Ready +default@${offset} `));
    expect((await at.run(['why', 'cm/kube-root-ca.crt', '--cluster', 'try'])).code).toBe(0);
    expect(await at.run(['fork', 'try'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('take another name, or delete that one first (clusters delete try)'),
    });
    expect(await at.run(['fork', 'new', '--of', 'none'])).toMatchObject({ code: 1 });
    const gone = await at.run(['clusters', 'delete', 'try', 'none', 'lab']);
    expect(gone).toEqual({
      code: 1,
      out: 'cluster.logplane.dev/try deleted\ncluster.logplane.dev/lab deleted\n',
      err: 'logplane: clusters.logplane.dev "none" not found\n',
    });
    expect(await at.run(['clusters', 'delete', 'none', '--ignore-not-found'])).toEqual({ code: 0, out: '', err: '' });
  });

  it('exports to files and folders, whole or not at all', async () => {
    const target = path.join(at.dir, 'out.yaml');
    expect(await at.run(['export', '-n', 'default', '--file', target])).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(target, 'utf8')).toContain('name: colours');
    expect(await at.run(['export', '--file', target])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already: name another file, or --overwrite it'),
    });
    const folder = path.join(at.dir, 'out');
    expect(await at.run(['export', '--dir', folder])).toMatchObject({ code: 0 });
    expect(parse(readFileSync(path.join(folder, 'default', 'configmap-colours.yaml'), 'utf8'))).toMatchObject({ data: { wall: 'blue' } });
    expect(await at.run(['export', '--dir', folder])).toMatchObject({ code: 1, err: expect.stringContaining('not empty') });
    const before = readdirSync(at.dir);
    expect(await at.run(['export', '--at', '99999999', '--dir', path.join(at.dir, 'more')])).toMatchObject({ code: 1 });
    expect(readdirSync(at.dir)).toEqual(before);
    const lines = (await at.run(['export', '--format', 'audit', '-n', 'default'])).out.trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ apiVersion: 'audit.k8s.io/v1' });
    expect(JSON.parse((await at.run(['export', '-n', 'default', '-o', 'json'])).out)).toMatchObject({ kind: 'List' });
  });

  it('imports a live cluster without the values of Secrets, and nothing by half', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'hunter2' } },
      stringData: { password: 'hunter2', other: 'hunter2' },
    };
    const user = deployment('user', '1m', 1);
    const [container] = user.spec.template.spec.containers;
    Object.assign(container!, { env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'key', key: 'password' } } }] });
    await at.run(['apply', '-f', file('secret.json', secret, user)]);
    const from = ['import', '--from-kubeconfig', at.kubeconfig, '--exclude', 'deployments.apps'];
    const all = ['import', '--from-kubeconfig', at.kubeconfig];

    const asked: string[] = [];
    const no = { confirm: async (question: string) => asked.push(question) === 0 };
    const planned = await at.run([...all, '--into', 'copy', '--nodes'], { env: { KUBECONFIG: at.kubeconfig }, ...no });
    expect({ ...planned, asked }).toMatchObject({
      code: 1,
      out: expect.stringMatching(/\n {2}2 +Node\n/),
      asked: [expect.stringMatching(/^Import \d+ objects into .*\/clusters\/copy\?$/)],
    });
    expect((await at.run(['clusters', '-o', 'name'])).out).not.toContain('copy');

    const done = JSON.parse((await at.run([...all, '--into', 'copy', '--nodes', '--yes', '-o', 'json'])).out);
    expect(done).toMatchObject({
      result: 'Imported',
      transactions: 1,
      kinds: { Secret: 1, Node: 2 },
      leftOut: { 'ReplicaSet: made by its controller again': expect.any(Number) },
    });
    const { state } = (await at.host.replica('copy'))!;
    expect(state.get('secrets', 'default', 'key')).toMatchObject({ data: { password: '' } });
    expect(JSON.stringify(state.list('secrets', 'default'))).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(JSON.stringify(state.list('transactions.logplane.dev', 'default'))).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(state.get('nodes', undefined, 'node-2')?.status?.allocatable).toBeDefined();
    // Once more, as after a failure: it finds all as it is to be.
    expect(await at.run([...from, '--cluster', 'copy', '--yes', '--secrets'])).toMatchObject({ code: 0 });
    expect((await at.host.replica('copy'))!.state.get('secrets', 'default', 'key')).toMatchObject({
      data: { password: 'aHVudGVyMg==', other: 'aHVudGVyMg==' },
    });
    await at.run(['clusters', 'delete', 'copy']);
  });

  it('imports nodes of a cloud as nodes that work', async () => {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'ip-10-0-0-1', labels: { 'kubernetes.io/arch': 'arm64' }, annotations: { 'csi.volume.kubernetes.io/nodeid': '{}' } },
      spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef0', taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
      status: { capacity: { cpu: '7', pods: '110' }, conditions: [{ type: 'Ready', status: 'False' }] },
    };
    expect(await at.run(['import', '-f', file('nodes.json', node), '--nodes', '--into', 'cloud', '--yes'])).toMatchObject({ code: 0 });
    const ready = await at.run(['test', '--cluster', 'cloud', '--for', 'node/ip-10-0-0-1:condition=Ready', '--timeout', '20s']);
    expect(ready).toMatchObject({ code: 0 });
    expect((await at.host.replica('cloud'))!.state.get('nodes', undefined, 'ip-10-0-0-1')).toMatchObject({
      metadata: { labels: { 'kubernetes.io/arch': 'arm64' } },
      status: { capacity: { cpu: '7' } },
    });
    await at.run(['clusters', 'delete', 'cloud']);
  });

  it('imports nothing when something of it is refused', async () => {
    const folder = path.dirname(file('import/a.json', config('taken', {})));
    file('import/b.json', deployment('wrong', '1', -1));
    const refused = await at.run(['import', '-f', folder, '--yes']);
    expect(refused).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^logplane: deployment\.apps\/wrong: Deployment\.apps "wrong" is invalid: /),
    });
    const { err } = await at.run(['import', '-f', folder, '--into', 'half', '--yes']);
    expect(err).toContain('Cluster half is removed again: nothing was imported');
    expect((await at.run(['clusters', '-o', 'name'])).out).not.toContain('half');
    expect((await at.host.replica('default'))!.state.get('configmaps', 'default', 'taken')).toBeUndefined();
  });

  it('says how far an import of several transactions came, and goes on from there', async () => {
    // Ten of them are more than a Transaction takes.
    const many = Array.from({ length: 12 }, (_, i) => config(`many-${String(i).padStart(2, '0')}`, { a: 'x'.repeat(250_000) }));
    const whole = file('many.json', ...many, deployment('last', '1', -1));
    const half = await at.run(['import', '-f', whole, '--yes', '-o', 'json']);
    expect(half).toMatchObject({
      code: 1,
      err: expect.stringContaining('9 of 13 objects are imported, and nothing of the others: the same command goes on from there'),
    });
    writeFileSync(whole, [...many, deployment('last', '1m', 1)].map((object) => JSON.stringify(object)).join('\n---\n'));
    expect(JSON.parse((await at.run(['import', '-f', whole, '--yes', '-o', 'json'])).out)).toMatchObject({
      result: 'Imported',
      objects: 13,
      transactions: 2,
    });
  });

  it('writes kubeconfigs that work, and adds them to that of the user', async () => {
    await at.run(['clusters', 'create', 'anna', '--nodes', '0']);
    const own = path.join(at.dir, '.kube', 'config');
    mkdirSync(path.dirname(own));
    const text = '# mine\napiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster: {server: https://prod.example.com}\ncurrent-context: prod\n';
    writeFileSync(own, text, { mode: 0o600 });
    const merged = await at.run(['kubeconfig', 'anna', '--user', 'anna', '--group', 'system:masters', '--merge', '--file', own]);
    expect(merged.out).toMatch(/config: context logplane-anna added\nWhat it was is in .*config\.backup-\w+\nkubectl config use-context logplane-anna/);
    expect(readFileSync(own, 'utf8')).toMatch(/^# mine\n/);
    expect(parse(readFileSync(own, 'utf8'))).toMatchObject({ 'current-context': 'prod', clusters: [{ name: 'prod' }, { name: 'logplane-anna' }] });
    const [backup] = readdirSync(path.dirname(own)).filter((name) => name.includes('backup'));
    expect(readFileSync(path.join(path.dirname(own), backup!), 'utf8')).toBe(text);
    expect(await at.run(['history', 'ns/default', '--kubeconfig', own, '--context', 'logplane-anna'])).toMatchObject({ code: 0 });
    // They are good for that cluster alone.
    expect(await at.run(['history', 'ns/default', '--kubeconfig', own, '--context', 'logplane-anna', '--cluster', 'default'])).toMatchObject({ code: 1 });

    const taken = await at.run(['kubeconfig', '--name', 'prod', '--merge', '--file', own]);
    expect(taken).toMatchObject({
      code: 1,
      err: expect.stringContaining('has a cluster prod already, and that is https://prod.example.com: choose another name (--name)'),
    });
    writeFileSync(`${own}.lock`, '');
    const locked = await at.run(['kubeconfig', '--merge', '--file', own]);
    expect(locked).toMatchObject({ code: 1, err: expect.stringContaining('is being changed by another program') });
    expect(existsSync(`${own}.lock`)).toBe(true);
    expect(await at.run(['kubeconfig', 'nobody'])).toMatchObject({ code: 1, err: expect.stringContaining('"nobody" not found') });
  });

  it('completes verbs, options, values and objects', async () => {
    const complete = async (...words: string[]) => (await at.run(['__complete', '--', ...words])).out.split('\n').slice(0, -1);
    expect(await complete('bl')).toEqual(['blame']);
    expect(await complete('plan', '--output', 'j')).toEqual(['json', 'junit']);
    expect(await complete('undo', '--re')).toEqual(['--request']);
    expect(await complete('plan', '--output=js')).toEqual(['--output=json']);
    expect(await complete('plan', '--output', '=', 'js')).toEqual(['json']);
    const ofKubectl = async (...words: string[]) => (await at.run(['__complete', '--for-kubectl', '--', ...words])).out;
    expect([await ofKubectl('bl'), await ofKubectl('why', 'configm'), await ofKubectl('apply', '-f', '')]).toEqual(['blame\n:4\n', 'configmap/\n:6\n', ':0\n']);
    expect(await complete('why', 'cm/col')).toEqual(['cm/colours']);
    expect(await complete('why', 'deploy')).toEqual(['deployment.apps/']);
    expect(await complete('why', '-n', 'kube-public', 'cm/')).not.toContain('cm/colours');
    expect(await complete('fork', 'x', '--of', 'def')).toEqual(['default']);
    expect((await run(['__complete', '--', 'why', 'cm/'])).out).toBe('');
    expect((await run(['completion', 'tcsh'])).code).toBe(2);
  });

  it('tests on a cluster of its own, or on a fork, and writes JUnit', async () => {
    const app = file('app.json', deployment('app', '1m'));
    const wants = (replicas: number) => file(`want-${replicas}.json`, { ...deployment('app', '1m'), spec: { replicas }, status: { readyReplicas: replicas } });
    const report = path.join(at.dir, 'junit.xml');
    const good = await run([
      'test',
      '-f',
      app,
      '--assert',
      wants(2),
      '--error',
      file('none.json', { apiVersion: 'v1', kind: 'Secret', metadata: {} }),
      '--junit',
      report,
    ]);
    expect(good).toMatchObject({ code: 0, err: '', out: expect.stringContaining('All 4 are as they should be.') });
    expect(readFileSync(report, 'utf8')).toContain('<testsuite name="logplane test" tests="4" failures="0">');
    const bad = await at.run(['test', '--fork', '--cluster', 'default', '-f', app, '--no-wait', '--timeout', '1ms', '--assert', wants(3), '-o', 'json']);
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out).cases.at(-1)).toMatchObject({ group: 'assert', failure: expect.stringContaining('.spec.replicas: 3 is expected, it is 2') });
    expect((await at.host.replica('default'))!.state.get('deployments.apps', 'default', 'app')).toBeUndefined();
    expect((await at.run(['clusters', '-o', 'name'])).out).not.toContain('test-');
    const stuck = await run(['test', '-f', file('stuck.json', deployment('stuck', '64')), '--timeout', '500ms']);
    expect(stuck).toMatchObject({ code: 1, out: expect.stringMatching(/✘ {2}ready +deployment\.apps\/stuck +0\/2 ready/) });
    const refused = await run(['test', '-f', file('refused.json', deployment('refused', '1', -1))]);
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('1 of 1 are not as they should be.') });
  });

  it.each([
    { args: ['why'], want: "missing required argument 'kind/name'" },
    { args: ['undo'], want: 'one of OFFSET, --request, --actor and --object is needed' },
    { args: ['undo', 'x'], want: '"x" is no offset' },
    { args: ['undo', '--actor', 'alice'], want: '--actor and --since go together' },
    { args: ['import'], want: 'from where?' },
    { args: ['export', '--format', 'audit', '--dir', 'x'], want: '--dir are for --format yaml' },
    { args: ['kubeconfig', '--use'], want: 'go with --merge' },
    { args: ['test'], want: 'a test needs manifests (-f)' },
    { args: ['test', '--for', 'pod/x:ready'], want: 'KIND/NAME:condition=TYPE' },
    { args: ['test', '--fork', '--for', 'pod/x:create'], want: '--fork needs the cluster that is forked' },
    { args: ['plan', '-o', 'html'], want: 'Allowed choices are table, json, yaml, junit' },
    { args: ['whu'], want: "unknown command 'whu'" },
  ])('is told apart from what was used wrongly: $args', async ({ args, want }) => {
    expect(await run(args)).toEqual({ code: 2, out: '', err: expect.stringContaining(want) });
  });

  it('says of which program it is, and what it does by examples', async () => {
    expect((await run(['why', '--help'], { isPlugin: true })).out).toMatch(
      /^Usage: kubectl logplane why[\s\S]*Examples:\n {2}kubectl logplane why deployment|pod/,
    );
    expect((await run(['--help'])).out).toMatch(/Look at a cluster:[\s\S]*why \[options\] <kind\/name>/);
  });
});
