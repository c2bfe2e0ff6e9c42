import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

/** Old entries are deleted once a snapshot covers them. A reader that needs them is told, and no writer appends into the gap. */

const configmaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('a log whose beginning is cut off', () => {
  it('is appended to at its end, also by a writer that slept', async () => {
    const { stage } = await cutOff();
    const end = stage.state.end;
    const answer = await stage.send('POST', configmaps, { body: configMap('late'), on: 'sleeper' });
    expect(answer.code).toBe(201);
    expect(stage.state.end).toBe(end + 1);
    expect(stage.state.get('configmaps/default/late')?.metadata.uid).toBe(answer.body.metadata.uid);
    expect(stage.problems).toEqual([]);
  });

  it('is read to its end by a process that slept', async () => {
    const { stage } = await cutOff();
    const { code, body } = await stage.send('GET', configmaps, { on: 'sleeper' });
    expect(code).toBe(200);
    expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toContain('z');
    expect(stage.problems).toEqual([]);
  });

  it('has what follows it watched by a process that slept', async () => {
    const { stage } = await cutOff();
    const from = stage.state.end;
    await stage.create(configmaps, configMap('late'));
    const { body } = await stage.send('GET', `${configmaps}?watch=true&resourceVersion=${from}`, { on: 'sleeper' });
    expect(body.map(({ type, object }: { type: string; object: { metadata: { name: string } } }) => [type, object.metadata.name])).toEqual([['ADDED', 'late']]);
    expect(stage.problems).toEqual([]);
  });

  it.each([
    ['a process that slept', 'sleeper'],
    ['a new process', 'newcomer'],
  ])('answers 410 to a watch from there, by %s', async (_, on) => {
    const { stage, first } = await cutOff();
    const { body } = await stage.send('GET', `${configmaps}?watch=true&resourceVersion=${first}`, { on });
    expect(body).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    expect(stage.problems).toEqual([]);
  });

  it('answers 410 to a request for the cluster as it was then', async () => {
    const { stage, first, begun } = await cutOff();
    for (const when of [first, new Date(begun).toISOString()]) {
      const { code } = await stage.send('GET', `/clusters/alpha@${when}${configmaps}`, { on: 'newcomer' });
      expect([when, code]).toEqual([when, 410]);
    }
    expect(stage.problems).toEqual([]);
  });
});

/** `sleeper` knows the cluster up to the offset `first`; then others write, and what they wrote is in a snapshot and, but for the newest entry, deleted. */
async function cutOff() {
  const stage = new Stage({ historyLimit: 1 });
  await stage.create(configmaps, configMap('a'));
  await stage.send('GET', configmaps, { on: 'sleeper' });
  const first = stage.state.end;
  const begun = stage.state.versions.at(-1)!.time;
  for (const name of ['b', 'c', 'd', 'z']) await stage.create(configmaps, configMap(name));
  await stage.wait(300_000);
  await stage.cutOff();
  expect(stage.kept).toEqual([first + 4]);
  return { stage, first, begun };
}
