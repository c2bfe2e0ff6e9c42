import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Agent } from '../../test/support/agent.ts';
import { CommandLineHost } from '../../test/support/command-line.ts';
import { configOf as config, deploymentOf as deployment } from '../../test/support/manifests.ts';
import { connect } from '../client/connect.ts';
import { type Allowance, Reach } from './reach.ts';

let at: CommandLineHost;
const agents: Agent[] = [];
/** One that only reads. */
let reader: Agent;

const agentOf = async (options: { readonly allow?: Allowance; readonly secrets?: boolean }): Promise<Agent> => {
  const agent = await Agent.of({ kubeconfig: at.kubeconfig, ...options });
  agents.push(agent);
  return agent;
};

const yaml = (...objects: readonly object[]) => objects.map((object) => JSON.stringify(object)).join('\n---\n');
const state = async (cluster = 'default') => (await at.host.replica(cluster))!.state;
const offset = async () => (await state()).offset;

beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 2 });
  reader = await agentOf({});
});
afterAll(async () => {
  for (const { client } of agents) await client.close();
  await at.close();
});

describe('a server that only reads', () => {
  it('says what it is for, and of each tool what it takes, answers and may do', async () => {
    const { tools } = await reader.client.listTools();
    expect(reader.client.getInstructions()).toContain('This server only reads');
    for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
      expect(description, name).toBeTruthy();
      expect(inputSchema, name).toMatchObject({ type: 'object', additionalProperties: false });
      expect(outputSchema, name).toMatchObject({ type: 'object' });
      expect(annotations, name).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    }
    const writer = await agentOf({ allow: 'write' });
    const hints = (await writer.client.listTools()).tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]);
    expect(hints.filter(([, isReadOnly]) => !isReadOnly)).toEqual([
      ['fork', false, false],
      ['remove_fork', false, true],
      ['apply', false, true],
      ['undo', false, true],
      ['restore', false, true],
    ]);
  });

  it('writes nothing, and says what to do instead', async () => {
    const before = await offset();
    const manifests = yaml(config('a', {}));
    for (const [tool, input] of [
      ['apply', { manifests }],
      ['undo', { offset: 5 }],
      ['restore', { at: 5, everything: true }],
    ] as const)
      expect(await reader.refused(tool, input)).toMatch(/^Not allowed: this server only reads: use dry_run: true or the tool plan/);
    expect(await reader.refused('fork')).toMatch(/^Not allowed: this server only reads, and makes no forks/);
    expect(await reader.refused('remove_fork', { name: 'default' })).toMatch(/^Not allowed/);
    expect((await reader.done('apply', { manifests, dry_run: true })).text).toBe('configmap/a -n default serverside-applied (server dry run)');
    expect((await state()).get('configmaps', 'default', 'a')).toBeUndefined();
    const { changes } = (await reader.done('changes', { from: before + 1, actor: 'logplane-admin' })).structured;
    expect(changes).toEqual([]);
  });

  it('tells what an input has to be', async () => {
    expect(await reader.refused('get', { object: 'pod' })).toContain('KIND/NAME is needed');
    expect(await reader.refused('get', { object: 'pod/a', clutser: 'x' })).toContain('clutser');
    expect(await reader.refused('list', { kind: 'pods', cluster: '../root' })).toContain('NAME or NAME@AT is needed');
    expect(await reader.refused('list', { kind: 'wigdets' })).toMatch(/the server doesn't have a resource type "wigdets". It has .*deployments\.apps/);
    expect(await reader.refused('get', { object: 'pod/none' })).toMatch(/^NotFound \(404\): pods "none" not found\nNext: list shows what there is/);
    expect(await reader.refused('list', { kind: 'pods', cluster: 'nowhere' })).toMatch(/404/);
    expect(await reader.refused('list', { kind: 'pods', cluster: 'default@99999999' })).toMatch(/\nNext: /);
    expect(await reader.refused('plan', {})).toContain('a plan needs manifests');
    expect(await reader.refused('plan', { manifests: 'a: [' })).toMatch(/^manifests: /);
    expect(await reader.refused('apply', { manifests: yaml(deployment('bad', '1', -1)), dry_run: true })).toContain('spec.replicas');
    expect(await reader.refused('undo', { offset: 5, request: 6 })).toContain('exactly one of');
  });
});

describe('a server that may write', () => {
  let writer: Agent;
  beforeAll(async () => {
    writer = await agentOf({ allow: 'write' });
    await writer.done('apply', { manifests: yaml(deployment('big', '64'), config('colours', { wall: 'red' })) });
    expect(await at.run(['test', '--context', 'logplane-default', '--for', 'deployment/big:jsonpath={.status.replicas}=2'])).toMatchObject({ code: 0 });
  });

  it('lists objects as a table and whole, and goes on where it ended', async () => {
    const nodes = await reader.done('list', { kind: 'nodes' });
    expect(nodes.text).toMatch(/^NAME +STATUS +ROLES .*\nnode-1 +Ready/);
    expect(nodes.structured).toMatchObject({
      cluster: 'default',
      kind: 'nodes',
      rows: [
        ['node-1', 'Ready'],
        ['node-2', 'Ready'],
      ].map((cells) => expect.arrayContaining(cells)),
    });
    const first = await reader.done('list', { kind: 'configmaps', as: 'objects', limit: 1 });
    expect(first.structured.objects).toHaveLength(1);
    expect(first.text).toContain(`call again with continue: ${first.structured.continue}`);
    const second = await reader.done('list', { kind: 'configmaps', as: 'objects', limit: 1, continue: first.structured.continue });
    expect(second.structured.objects[0].metadata).not.toEqual(first.structured.objects[0].metadata);
    const [big] = (await reader.done('list', { kind: 'deploy', as: 'objects', namespace: 'default' })).structured.objects;
    expect(big).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'big' } });
    expect(big.metadata.managedFields).toBeUndefined();
    expect((await reader.done('list', { kind: 'pods', labels: 'app=none' })).text).toBe('No pods found.');
  });

  it('gives no more than an agent can read, and says how to have the rest', async () => {
    const long = 'x'.repeat(100_000);
    await writer.done('apply', { manifests: yaml(...[1, 2, 3].map((i) => config(`long-${i}`, { text: `${i}${long}` }))) });
    const whole = await reader.done('get', { object: 'cm/long-1' });
    expect(JSON.stringify(whole).length).toBeLessThan(100_000);
    expect(whole.structured.leftOut).toContain('.object.data.text: 4000 of 100001 characters');
    const part = await reader.done('get', { object: 'cm/long-1', path: '.data.text' });
    expect(part.text).toMatch(/^1x+…\n\(90001 more characters: call again with from: 10000\)$/);
    expect((await reader.done('get', { object: 'cm/long-1', path: '.data["text"]', from: 100_000 })).text).toBe('x');
    expect(await reader.refused('get', { object: 'cm/long-1', path: '.data.none' })).toContain('there is text');
    const page = await reader.done('list', { kind: 'configmaps', namespace: 'default', as: 'objects' });
    expect(JSON.stringify(page).length).toBeLessThan(100_000);
    expect(page.structured.continue).toBeTruthy();
  });

  it('tells why, what changed, one change, a history and who made what', async () => {
    const why = await reader.done('why', { object: 'deploy/big' });
    expect(why.text).toMatch(/^deployment\.apps\/big -n default {2}✘ 0\/2 ready\n/);
    expect(why.structured.scheduling.nodes).toHaveLength(2);
    expect(why.structured.state.pending).toBeUndefined();
    const { changes } = (await reader.done('changes', { kind: 'configmaps', name: 'colours' })).structured;
    expect(changes).toMatchObject([{ type: 'ADDED', object: 'configmap/colours', namespace: 'default' }]);
    expect((await reader.done('change', { offset: changes[0].offset })).structured.change).toMatchObject({
      manager: 'logplane-mcp',
      causes: expect.anything(),
    });
    expect((await reader.done('changes', { limit: 1 })).text).toContain('There are more: call again with continue: ');
    await writer.done('apply', { manifests: yaml(config('colours', { wall: 'blue' })) });
    expect((await reader.done('history', { object: 'cm/colours', limit: 1 })).structured).toMatchObject({ more: true, changes: [{ what: 'data.wall' }] });
    const { fields } = (await reader.done('blame', { object: 'cm/colours', path: '.data' })).structured;
    expect(fields).toMatchObject([{ path: '.data.wall', value: 'blue' }]);
    const { text } = await reader.done('get', { object: 'cm/colours', cluster: `default@${changes[0].offset}` });
    expect(text).toContain('wall: red');
  });

  it('plans what would come of manifests, and of something else', async () => {
    const good = await reader.done('plan', { manifests: yaml(deployment('small', '100m')) });
    expect(good.structured).toMatchObject({ result: 'Succeeds', applied: { created: [{ name: 'small' }] } });
    const bad = await reader.done('plan', { manifests: yaml(deployment('huge', '128')) });
    expect(bad.structured).toMatchObject({ result: 'Fails', stuck: expect.arrayContaining([expect.objectContaining({ name: 'huge' })]) });
    expect(bad.text).toContain('✘ This would fail');
    const drain = await reader.done('plan', { changes: [{ type: 'Drain', nodes: ['node-1'] }] });
    expect(drain.structured.applied.changed).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
    expect((await state()).get('deployments.apps', 'default', 'small')).toBeUndefined();
  });

  it('applies all or nothing, takes it back, and restores', async () => {
    expect(await writer.refused('apply', { manifests: yaml(config('half', {}), deployment('bad', '1', -1)) })).toContain('spec.replicas');
    expect((await state()).get('configmaps', 'default', 'half')).toBeUndefined();
    const before = await offset();
    const { structured } = await writer.done('apply', { manifests: yaml(config('made', { a: '1' }), config('colours', { wall: 'green' })) });
    expect(structured.objects).toMatchObject([{ name: 'configmap/made' }, { name: 'configmap/colours' }]);
    const wall = async () => (await state()).get('configmaps', 'default', 'colours')?.data?.['wall'];
    expect((await writer.done('undo', { request: structured.request, dry_run: true })).text).toContain('removed       configmaps/made -n default');
    expect(await wall()).toBe('green');
    expect((await writer.done('undo', { request: structured.request })).structured.objects).toHaveLength(2);
    expect(await wall()).toBe('blue');
    // What was taken back belongs to who took it back.
    expect(await writer.refused('apply', { manifests: yaml(config('colours', { wall: 'black' })) })).toMatch(
      /^Conflict \(409\): .*logplane-undo.*\nNext: .*force: true/s,
    );
    await writer.done('apply', { manifests: yaml(config('colours', { wall: 'black' })), force: true });
    expect((await writer.done('undo', { object: 'cm/colours', dry_run: true })).structured.objects).toMatchObject([
      { operation: 'Update', fields: ['.data.wall'] },
    ]);
    const restored = await writer.done('restore', { at: before, resources: ['configmaps'], names: ['colours'], namespace: 'default', force: true });
    expect(restored.structured).toMatchObject({ objects: [{ operation: 'Update', name: 'colours', fields: ['.data.wall'] }] });
    expect(await wall()).toBe('blue');
    expect(await writer.refused('apply', { manifests: yaml(config('a', {})), cluster: `default@${before}` })).toContain('is the past, which is not written to');
  });

  it('does not take over what belongs to others, unless told', async () => {
    await at.run(['apply', '-f', at.write('owned.json', config('owned', { a: '1' }))]);
    expect(await writer.refused('apply', { manifests: yaml(config('owned', { a: '2' })) })).toMatch(/conflict.*\.data\.a/);
    await writer.done('apply', { manifests: yaml(config('owned', { a: '2' })), force: true });
  });
});

describe('a server that may fork', () => {
  it('writes in forks that it made, tells what differs, and removes them', async () => {
    const agent = await agentOf({ allow: 'fork' });
    const manifests = yaml(config('tried', { a: '1' }), config('colours', { wall: 'tried' }));
    expect(await agent.refused('apply', { manifests })).toMatch(/^Not allowed: default is no fork that this server has made: make one with the tool fork/);
    const { cluster } = (await agent.done('fork', { of: 'default' })).structured;
    expect((await agent.done('forks')).structured.clusters).toContainEqual(
      expect.objectContaining({ name: cluster, own: true, expiresAt: expect.any(String) }),
    );
    await agent.done('apply', { manifests, cluster, force: true });
    const { objects, ...counts } = (await agent.done('diff', { from: 'default', to: cluster })).structured;
    expect(counts).toMatchObject({ created: 1, changed: 1, deleted: 0 });
    expect(objects).toEqual([
      { change: 'changed', name: 'configmap/colours', namespace: 'default', fields: [{ path: '.data.wall', from: expect.any(String), to: 'tried' }] },
      { change: 'created', name: 'configmap/tried', namespace: 'default' },
    ]);
    expect((await state()).get('configmaps', 'default', 'tried')).toBeUndefined();
    // Another agent, and another cluster of that name, are another matter.
    const other = await agentOf({ allow: 'fork' });
    expect(await other.refused('apply', { manifests, cluster })).toMatch(/^Not allowed/);
    expect(await other.refused('remove_fork', { name: cluster })).toContain('was not made by this server');
    await at.run(['clusters', 'delete', cluster]);
    await at.run(['clusters', 'create', cluster, '--nodes', '0']);
    expect(await agent.refused('apply', { manifests, cluster })).toMatch(/^Not allowed/);
    expect(await agent.refused('remove_fork', { name: cluster })).toContain('was not made by this server');
    await agent.done('fork', { name: 'gone' });
    await agent.done('remove_fork', { name: 'gone' });
    // It ends a moment after it was removed; until then, that it is to be removed is no news.
    await vi.waitFor(async () => expect((await agent.call('remove_fork', { name: 'gone' })).text).toContain('there is no cluster "gone"'));
    expect(await (await agentOf({ allow: 'write' })).refused('remove_fork', { name: cluster })).toContain('is no fork');
    expect(await agent.refused('fork', { name: 'new', of: 'none' })).toContain('none');
  });
});

describe('Secrets', () => {
  const secret = (password: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { password } });

  it('are told by the length of their values, wherever these could be', async () => {
    const writer = await agentOf({ allow: 'write' });
    const before = await offset();
    const answers = [
      await writer.done('apply', { manifests: yaml(secret('hunter2')) }),
      await writer.done('apply', { manifests: yaml(secret('hunter3')) }),
      await writer.done('get', { object: 'secret/key' }),
      await writer.done('get', { object: 'secret/key', path: '.data.password' }),
      await writer.done('list', { kind: 'secrets', as: 'objects' }),
      await writer.done('list', { kind: 'secrets' }),
      await writer.done('history', { object: 'secret/key' }),
      await writer.done('changes', { kind: 'secrets' }),
      await writer.done('blame', { object: 'secret/key' }),
      await writer.done('why', { object: 'secret/key' }),
      await writer.done('diff', { from: `default@${before}`, to: 'default', kinds: ['secrets'] }),
      await writer.done('plan', { manifests: yaml(secret('hunter4')) }),
      await writer.done('undo', { object: 'secret/key', dry_run: true }),
    ];
    const { changes } = answers[6]!.structured;
    answers.push(await writer.done('change', { offset: changes[0].offset }));
    answers.push(await writer.done('diff', { from: `default@${changes[1].offset}`, to: 'default', kinds: ['secrets'] }));
    const resource = await writer.client.readResource({ uri: 'logplane://cluster/default/namespaces/default/secrets/key' });
    const all = JSON.stringify([answers, resource]);
    for (const value of ['hunter', Buffer.from('hunter2').toString('base64'), Buffer.from('hunter3').toString('base64')]) expect(all).not.toContain(value);
    expect(answers[2]!.structured.object.data).toEqual({ password: '(7 bytes)' });
  });

  it('are told when the user says so', async () => {
    const agent = await agentOf({ secrets: true });
    const { structured } = await agent.done('get', { object: 'secret/key' });
    expect(Buffer.from(structured.object.data.password, 'base64').toString()).toBe('hunter3');
  });
});

describe('resources and prompts', () => {
  it('show objects, now and as they were', async () => {
    const { resourceTemplates } = await reader.client.listResourceTemplates();
    expect(resourceTemplates).toHaveLength(2);
    const read = async (uri: string) => ((await reader.client.readResource({ uri })).contents[0] as { text: string }).text;
    expect(await read('logplane://cluster/default/nodes/node-1')).toContain('kind: Node');
    const { offset } = (await reader.done('history', { object: 'cm/colours' })).structured.changes.at(-1);
    expect(await read(`logplane://cluster/default@${offset}/namespaces/default/configmaps/colours`)).toContain('wall: red');
    await expect(read('logplane://cluster/default/nodes/none')).rejects.toThrow('NotFound (404)');
  });

  it('begin a conversation', async () => {
    const { prompts } = await reader.client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['try-on-a-fork', 'what-is-not-well']);
    const { messages } = await reader.client.getPrompt({ name: 'try-on-a-fork', arguments: { change: 'Scale web to 5' } });
    expect(messages[0]?.content).toMatchObject({ text: expect.stringContaining('Scale web to 5\n\nDo not change the cluster itself.') });
  });
});

describe('credentials', () => {
  it('are read again where they were not good', async () => {
    let token = 'none';
    const good = await connect({}, { env: { KUBECONFIG: at.kubeconfig } });
    const opened: string[] = [];
    const reach = new Reach({
      connect: async () => {
        opened.push(token);
        if (token === 'none') throw new Error('there is no kubeconfig');
        return good;
      },
      allow: 'nothing',
      secrets: false,
    });
    await expect(reach.client()).rejects.toThrow('there is no kubeconfig');
    token = 'new';
    expect(await reach.client()).toBe(good);
    await reach.client();
    reach.forget();
    await reach.client();
    expect(opened).toEqual(['none', 'new', 'new']);
  });
});
