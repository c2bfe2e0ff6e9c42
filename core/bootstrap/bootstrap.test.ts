import { expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { type Env, idsFrom } from '../env.ts';
import { elapsedAt, realInstant } from '../instant.ts';
import type { LogEntry } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import type { ConfigMap, Namespace, Node } from '../schema/generated/kinds.ts';
import { bootstrap } from './bootstrap.ts';

let n = 0;
const random = { next: () => 0.5 };
const env: Env = {
  clock: { now: () => realInstant(Date.parse('2026-01-01T00:00:00Z')), elapsed: () => elapsedAt(0), sleep: async () => {}, turn: async () => {} },
  random,
  ids: idsFrom(random, () => `uid-${++n}`),
};

const objects: (Namespace | ConfigMap | Node)[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: { x: '1' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { capacity: { cpu: '2' } } },
];

async function setUp() {
  const log = memoryLog();
  const open = () => Replica.open({ log, cluster: 'c', env, freeze: true });
  const entries = async () => {
    const out: LogEntry[] = [];
    for await (const entry of log.read('c', { after: 0 })) out.push(entry);
    return out.map(({ events }) => events.map(({ type, key, actor }) => `${actor.username} ${type} ${key}`));
  };
  return { open, entries };
}

const first = ['system:apiserver ADDED namespaces//default', 'system:apiserver ADDED configmaps/default/a', 'system:apiserver ADDED nodes//n'];

it('An empty cluster gets its objects in one entry, each made by the rules of its kind, with its status', async () => {
  const { open, entries } = await setUp();
  const replica = await open();
  await bootstrap(replica, { objects, env, admissionPlugins: defaultAdmissionPlugins });
  const [written] = await entries();
  expect(written!.filter((line) => line.includes('ADDED'))).toEqual(first);
  expect(replica.state.get('namespaces', undefined, 'default')).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  expect(replica.state.get('nodes', undefined, 'n')).toMatchObject({ status: { capacity: { cpu: '2' } } });
});

it('A cluster that has begun is left as it is, whichever process comes first', async () => {
  const { open, entries } = await setUp();
  const replicas = await Promise.all([open(), open(), open()]);
  await Promise.all(replicas.map((replica) => bootstrap(replica, { objects, env, admissionPlugins: defaultAdmissionPlugins })));
  await bootstrap(await open(), { objects, env, admissionPlugins: defaultAdmissionPlugins });
  expect((await entries()).length).toBe(1);
});
