import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

/**
 * The table is replaced by an older copy of itself under processes that have read on: offsets are given out again, to other events. No process may append
 * behind what is gone, nor show what became of both.
 */

const configmaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('a process that has read more than the restored log has', () => {
  it('appends right behind its end', async () => {
    const { stage, end } = await restored();
    const answer = await stage.send('POST', configmaps, { body: configMap('new'), on: 'ahead' });
    expect(answer.code).toBe(201);
    expect(answer.body.metadata.resourceVersion).toBe(String(end + 1));
    expect(stage.state.end).toBe(end + 1);
    expect(stage.problems).toEqual([]);
  });

  it('shows what the log has', async () => {
    const { stage } = await restored();
    expect(await namesOn(stage, 'ahead')).toEqual(['kept']);
  });

  it('shows what the log has when others have written to it up to where it was before, and further', async () => {
    for (const count of [4, 5, 6]) {
      const { stage } = await restored();
      const names = Array.from({ length: count }, (_, i) => `new-${i}`);
      for (const name of names) expect((await stage.send('POST', configmaps, { body: configMap(name), on: 'newcomer' })).code).toBe(201);
      expect(await namesOn(stage, 'ahead')).toEqual(['kept', ...names]);
      expect(stage.problems).toEqual([]);
    }
  });

  it('shows what the log has when it has opened it from a snapshot', async () => {
    const { stage } = await restored({ snapshot: true });
    expect(await namesOn(stage, 'ahead')).toEqual(['kept']);
    expect(await namesOn(stage, 'newcomer')).toEqual(['kept']);
  });

  it('shows nothing else to a client that takes what there is', async () => {
    const { stage } = await restored();
    const { body } = await stage.send('GET', `${configmaps}?resourceVersion=0`, { on: 'ahead' });
    expect(body.items.map(nameOf)).toEqual(['kept']);
  });

  it('looks back at what the log has', async () => {
    const { stage, end } = await restored();
    await stage.create(configmaps, configMap('new-0'), configMap('new-1'));
    const { body } = await stage.send('GET', `/clusters/alpha@${end + 1}${configmaps}`, { on: 'ahead' });
    expect(body.items.map(nameOf)).toContain('new-0');
    expect(body.items.map(nameOf)).not.toContain('lost-0');
  });

  it('goes on with the pages of a list of what the log has', async () => {
    const { stage } = await restored();
    await stage.create(configmaps, configMap('new-0'), configMap('new-1'));
    const first = await stage.send('GET', `${configmaps}?limit=1`);
    const { body } = await stage.send('GET', `${configmaps}?continue=${encodeURIComponent(first.body.metadata.continue)}`, { on: 'ahead' });
    expect([...first.body.items, ...body.items].map(nameOf)).toEqual(['kept', 'new-0', 'new-1']);
  });

  it('does not remember what is lost when the log has been cut off, too', async () => {
    const stage = await backedUp({ historyLimit: 1 });
    const past = `/clusters/alpha@${stage.state.end - 3}${configmaps}`;
    expect((await stage.send('GET', past, { on: 'ahead' })).body.items.map(nameOf)).toEqual(['kept', 'lost-0']);
    await stage.restore();
    await stage.create(configmaps, ...Array.from({ length: 8 }, (_, i) => configMap(`new-${i}`)));
    await stage.wait(200_000);
    await stage.cutOff();
    expect((await stage.send('GET', past, { on: 'ahead' })).code).toBe(410);
  });

  it('watches what the log has', async () => {
    const { stage, end } = await restored();
    await stage.create(configmaps, configMap('new'));
    const { body } = await stage.send('GET', `${configmaps}?watch=true&resourceVersion=${end}`, { on: 'ahead' });
    expect(body.map(told)).toEqual(['new']);
  });

  it('tells in its watches nothing of what it told before', async () => {
    const stage = await backedUp();
    const from = (end: number) => `${configmaps}?watch=true&resourceVersion=${end}`;
    const end = stage.state.end - 4;
    expect((await stage.send('GET', from(end), { on: 'ahead' })).body.map(told)).toHaveLength(4);
    await stage.restore();
    await stage.create(configmaps, configMap('new-0'), configMap('new-1'));
    const { body } = await stage.send('GET', from(end), { on: 'ahead' });
    expect(body.map(told)).toEqual(['new-0', 'new-1']);
  });

  it('ends its watches while the log cannot be read', async () => {
    const stage = await backedUp();
    const watch = await stage.watch(`${configmaps}?watch=true&resourceVersion=${stage.state.end}`, { on: 'ahead' });
    await stage.restore();
    await stage.create(configmaps, ...Array.from({ length: 8 }, (_, i) => configMap(`new-${i}`)));
    await stage.wait(10_000);
    expect(watch).toMatchObject([{ type: 'ERROR', object: { code: 503, reason: 'ServiceUnavailable' } }]);
    expect(stage.problems).toEqual([]);
  });

  it('reconciles what the log has', async () => {
    const stage = new Stage();
    await stage.reconcile();
    stage.backUp();
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    await stage.create(deployments, deployment('lost'));
    await stage.reconcile({ seconds: 5 });
    await stage.restore();
    const answer = await stage.send('POST', deployments, { body: deployment('web'), on: 'newcomer' });
    expect(answer.code).toBe(201);
    await stage.reconcile({ seconds: 5 });
    expect(stage.state.list('pods').map(({ metadata, status }) => [metadata.labels!['app'], status!.phase])).toEqual([['web', 'Running']]);
    expect(stage.problems).toEqual([]);
  });
});

describe('a process that has read less than the restored log has', () => {
  it('reads on, and watches that begin again', async () => {
    const stage = new Stage();
    await stage.create(configmaps, configMap('kept'));
    stage.backUp();
    const path = `${configmaps}?watch=true&resourceVersion=${stage.state.end}`;
    const before = await stage.watch(path, { on: 'behind' });
    await stage.restore();
    const after = await stage.watch(path, { on: 'behind' });
    await stage.create(configmaps, configMap('new'));
    await stage.wait(10_000);
    expect(before).toMatchObject([{ type: 'ERROR', object: { code: 503 } }]);
    expect(after.map(told)).toEqual(['new']);
    expect(stage.problems).toEqual([]);
  });
});

/** `ahead` knows four events more than the backup has. */
async function backedUp({ snapshot = false, historyLimit = 10_000 } = {}): Promise<Stage> {
  const stage = new Stage({ historyLimit });
  await stage.create(configmaps, configMap('kept'));
  stage.backUp();
  for (let i = 0; i < 4; i++) await stage.create(configmaps, configMap(`lost-${i}`));
  if (snapshot) await stage.takeSnapshot();
  await stage.send('GET', configmaps, { on: 'ahead' });
  return stage;
}

async function restored(options?: { snapshot: boolean }): Promise<{ stage: Stage; end: number }> {
  const stage = await backedUp(options);
  await stage.restore();
  return { stage, end: stage.state.end };
}

async function namesOn(stage: Stage, on: string): Promise<string[]> {
  const { body } = await stage.send('GET', configmaps, { on });
  return body.items.map(nameOf);
}

const nameOf = ({ metadata }: { metadata: { name: string } }) => metadata.name;
const told = ({ object }: { object: { metadata: { name: string } } }) => nameOf(object);

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'registry.example/web:1' }] } },
  },
});
