import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { Mutation } from '../apis/mutation.ts';
import { bootstrap } from '../bootstrap/bootstrap.ts';
import { decision } from '../decide/testing.ts';
import { type Env, idsFrom } from '../env.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEntry, LogEvent } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Runner } from '../reconcile/runner.ts';
import { Replica } from '../replica/replica.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Change } from '../state/change.ts';
import { nodeObjects } from './node-objects.ts';
import { nodesReconciler } from './nodes.ts';
import { simulatedRuntime } from './runtimes/simulated.ts';
import { line, START } from './testing.ts';

/** A cluster with a log, the rules of the API, and nothing but the node agents. */
async function start({ nodes = 2 } = {}) {
  let now = START;
  let seed = 1;
  const next = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const random = { next };
  const env: Env = { clock: { now: () => now, elapsed: () => now, sleep: async () => {}, turn: async () => {} }, random, ids: idsFrom(random) };
  const log = memoryLog();
  const replica = await Replica.open({ log, cluster: 'test', env });
  const namespaces = ['default', 'kube-node-lease'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  // Both are in every namespace of a whole cluster, and every pod mounts the second one.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } };
  const authority = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: 'default' }, data: { 'ca.crt': 'x' } };
  await bootstrap(replica, { objects: [...namespaces, account, authority, ...nodeObjects(nodes, now)], env, admissionPlugins: defaultAdmissionPlugins });
  const refused: unknown[] = [];
  const runner = new Runner({
    admissionPlugins: defaultAdmissionPlugins,
    replica,
    env,
    reconciler: nodesReconciler({ runtime: simulatedRuntime }),
    refused: (failure) => refused.push(failure),
  });
  await runner.run();
  return {
    replica,
    refused,
    run: () => runner.run(),
    wait: (ms: number) => {
      now += ms;
    },
    do: (mutations: readonly Mutation[]) =>
      replica.commit<readonly Change[]>((state, at) => {
        const events: LogEvent[] = mutations.flatMap((mutation) => decision(state, mutation, { env, now: at, actor: userNamed('somebody') }).events);
        return { events, answer: (changes) => changes };
      }),
    entries: async (after: number): Promise<LogEntry[]> => {
      const entries: LogEntry[] = [];
      for await (const entry of log.read('test', { after })) entries.push(entry);
      return entries;
    },
  };
}

const create = (name: string, nodeName: string): Mutation => ({
  type: 'create',
  resource: 'pods',
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName, restartPolicy: 'Always', containers: [{ name: 'main', image: 'nginx:1.27' }] },
  },
});

describe('node agents on a log', () => {
  it('take fifty pods to Running in one entry, by the rules of the API', async () => {
    const cluster = await start();
    await cluster.do(Array.from({ length: 50 }, (_, i) => create(`p-${i}`, `node-${1 + (i % 2)}`)));
    const { offset } = cluster.replica.state;
    await cluster.run();
    expect(cluster.refused).toEqual([]);
    const pods = cluster.replica.state.list<Pod>('pods');
    expect(new Set(pods.map(({ status }) => line(status)))).toEqual(new Set(['Running main=running+ready']));
    expect(new Set(pods.map(({ status }) => status!.podIP)).size).toBe(50);
    const entries = await cluster.entries(offset);
    expect(entries.length).toBe(1);
    expect(entries[0]!.events.filter(({ key }) => key === 'pods/default/p-0').map(({ type, actor }) => [type, actor.username])).toEqual([
      ['MODIFIED', 'system:node:node-1'],
      ['MODIFIED', 'system:node:node-1'],
    ]);
    expect(entries[0]!.events.length).toBe(50 * 5);
  });

  it('write nothing when there is nothing to do', async () => {
    const cluster = await start();
    await cluster.do([create('p', 'node-1')]);
    expect(await cluster.run()).toBeUndefined();
    const { offset } = cluster.replica.state;
    cluster.wait(7 * 24 * 3600 * 1000);
    await cluster.run();
    expect(cluster.replica.state.offset).toBe(offset);
  });

  it('make a Node that somebody creates a working one', async () => {
    const cluster = await start();
    const extra = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'extra' }, spec: { providerID: 'logplane:///by-hand/extra' } };
    await cluster.do([{ type: 'create', resource: 'nodes', object: extra }]);
    await cluster.do([create('p', 'extra')]);
    await cluster.run();
    expect(cluster.refused).toEqual([]);
    expect(cluster.replica.state.get<Pod>('pods', 'default', 'p')!.status).toMatchObject({ phase: 'Running', podIP: '10.244.3.2', hostIP: '10.0.0.3' });
  });

  it('let a deleted pod go once it has stopped', async () => {
    const cluster = await start();
    await cluster.do([create('p', 'node-1')]);
    await cluster.run();
    await cluster.do([{ type: 'delete', resource: 'pods', namespace: 'default', name: 'p', gracePeriodSeconds: 30 }]);
    await cluster.run();
    expect(cluster.replica.state.get('pods', 'default', 'p')!.metadata.deletionTimestamp).toBe('2026-01-01T00:00:30Z');
    cluster.wait(1000);
    await cluster.run();
    expect(cluster.refused).toEqual([]);
    expect(cluster.replica.state.get('pods', 'default', 'p')).toBeUndefined();
  });
});
