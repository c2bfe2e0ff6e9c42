import { expect, it } from 'vitest';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { forbidden } from '../kube/status.ts';
import { configMap } from '../testing/objects.ts';
import { testServer } from '../testing/server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

/** Counts ConfigMaps in one of their own, and refuses a third one: what a quota does. */
const counting: AdmissionPlugin = {
  name: 'Counting',
  validate({ operation, resource, namespace, name, object, state, also, warn }) {
    if (operation !== 'CREATE' || resource.groupResource !== 'configmaps' || object!.metadata.name === 'count') return;
    const count = state.get('configmaps', namespace, 'count');
    const used = Number(count?.data?.['used'] ?? 0) + 1;
    if (used > 2) throw forbidden(resource, name, 'exceeded');
    const counted = { ...configMap('count'), metadata: { name: 'count', namespace: namespace! }, data: { used: String(used) } };
    also({ type: count ? 'update' : 'create', resource: 'configmaps', object: counted });
    warn(`${used} of 2`);
  },
};

it("What a plugin wants changed besides goes into the write's own entry, on what the writes before it left, and by the API server", async () => {
  const server = await testServer({ admissionPlugins: [counting] });
  const before = server.replica.state.offset;
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => server.request(`POST ${CONFIGMAPS}`, { body: configMap(name) })));
  expect(answers.map(({ code, json, headers }) => [code, json.metadata?.name ?? json.message, headers.get('warning')])).toEqual([
    [201, 'a', '299 - "1 of 2"'],
    [201, 'b', '299 - "2 of 2"'],
    [403, 'configmaps "c" is forbidden: exceeded', null],
  ]);
  const changes = server.replica.recentChanges(before)!;
  expect(changes.map(({ type, key, actor }) => `${actor.username} ${type} ${key}`)).toEqual([
    'admin ADDED configmaps/default/a',
    'system:apiserver ADDED configmaps/default/count',
    'admin ADDED configmaps/default/b',
    'system:apiserver MODIFIED configmaps/default/count',
  ]);
  expect(answers[0]!.json.metadata.resourceVersion).toBe(String(before + 1));
});
