import { expect, it } from 'vitest';
import { resetTo } from '../../clusters/reset.ts';
import { configMap, namespace } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

const MERGE = 'application/merge-patch+json';
const CHANGES = '/apis/logplane.dev/v1/changes';

async function afterReset() {
  const server = await testServer({ objects: [namespace('default')] });
  await server.create(configMap('a'));
  const { offset } = server.replica.state;
  await server.create(configMap('b'));
  await server.request('PATCH /api/v1/namespaces/default/configmaps/a', { type: MERGE, body: { data: { color: 'red' } } });
  const end = await resetTo(server.replica, offset);
  await server.create(configMap('c'));
  return { server, end };
}

it('Changes of a cluster that was reset are those before the reset, the reset, and those behind it', async () => {
  const { server, end } = await afterReset();
  const told = async (query: string) => {
    const { code, json } = await server.request(`GET ${CHANGES}${query}`);
    expect(code).toBe(200);
    return json.items.map(
      ({ metadata, object }: { metadata: { name: string }; object: { resource: string; name: string } }) =>
        `${metadata.name} ${object.resource}/${object.name}`,
    );
  };
  const all = ['1 namespaces/default', '2 configmaps/a', '3 configmaps/b', '4 configmaps/a', `${end} clusterresets/cluster`, `${end + 1} configmaps/c`];
  expect(await told('?fieldSelector=order=oldest')).toEqual(all);
  expect(await told('')).toEqual(all.toReversed());
  expect(await told('?fieldSelector=resource=configmaps')).toEqual(all.filter((one) => one.includes('configmaps')).toReversed());
});

it('An export of a cluster that was reset has what was before and what is behind the reset', async () => {
  const { server } = await afterReset();
  const { text } = await server.request('GET /apis/logplane.dev/v1/export?format=audit');
  const names = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).objectRef.name);
  expect(names).toEqual(['default', 'a', 'b', 'a', 'c']);
});
