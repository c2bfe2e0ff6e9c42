import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { createServer } from '../../core/api/server.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { systemEnv } from '../../core/env.ts';
import { userNamed } from '../../core/kube/user.ts';
import { branchLog } from '../../core/log/branch-log.ts';
import { type Branch, baseAt, newLogName } from '../../core/log/branches.ts';
import type { LogEvent } from '../../core/log/event.ts';
import type { EventLog } from '../../core/log/log.ts';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { Replica, type ReplicaOptions } from '../../core/replica/replica.ts';
import { median } from '../workloads.ts';
import { forkWrites } from './fork-writes.ts';

const PODS = 10_000;
const FORKS = 1_000;
/** How many clients fork at once. */
const TOGETHER = 10;
const OBJECTS = 1_000;
const EVENTS = 1_000_000;
const AT_ONCE = 500;

/**
 * Forks on SQLite: of a cluster of 10,000 pods, until a client has the first page of them; 1,000 of a cluster of 1,000 objects, each of which is written to and read. And a look at
 * what was a million events ago, by a process that has just begun.
 */
export async function forks(): Promise<Record<string, number>> {
  return { ...(await firstPage()), ...(await forkWrites()), ...(await thousand()), ...(await longAgo()) };
}

async function firstPage(): Promise<Record<string, number>> {
  return onDisk(async (log) => {
    const main: Branch = { cluster: 'main', log: 'main', base: [] };
    const parent = await opened(log, main);
    for (let i = 0; i < PODS; i += AT_ONCE) await write(parent, (n) => added('pods', `web-${i + n}`, pod));
    const times: number[] = [];
    for (let i = 0; i < 11; i++) {
      const started = performance.now();
      const replica = await fork(log, main, parent, `f${i}`);
      const { fetch } = createServer({
        replicaOf: async () => replica,
        defaultCluster: replica.cluster,
        env: systemEnv,
        authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] } }),
        problem: (message, error) => console.error(message, error),
      });
      const target = '/api/v1/pods?limit=500';
      const answer = await fetch(new Request(`https://host${target}`, { headers: { authorization: 'Bearer admin' } }), { target });
      if (!(await answer.text()).includes('web-0')) throw new Error('no pods');
      times.push(performance.now() - started);
    }
    return { fork_ms: median(times) };
  });
}

async function thousand(): Promise<Record<string, number>> {
  return onDisk(async (log) => {
    const main: Branch = { cluster: 'main', log: 'main', base: [] };
    const parent = await opened(log, main);
    for (let i = 0; i < OBJECTS; i += AT_ONCE) await write(parent, (n) => added('pods', `web-${i + n}`, pod));
    const before = used();
    const started = performance.now();
    const open: Replica[] = [];
    const touched = async (cluster: string): Promise<void> => {
      const replica = await fork(log, main, parent, cluster);
      await replica.commit(() => ({ events: [added('configmaps', 'own', configMap)], answer: () => undefined }));
      if (replica.state.list('pods').length !== OBJECTS) throw new Error('no pods');
      open.push(replica);
    };
    for (let i = 0; i < FORKS; i += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, (_, n) => touched(`f${i + n}`)));
    const seconds = (performance.now() - started) / 1_000;
    const taken = used() - before;
    if (open.length !== FORKS) throw new Error('forks are missing');
    return { forks_1000_s: seconds, forks_1000_mb: taken / 1_024 ** 2 };
  });
}

async function longAgo(): Promise<Record<string, number>> {
  return onDisk(async (log) => {
    const main: Branch = { cluster: 'main', log: 'main', base: [] };
    const writer = await opened(log, main);
    await write(writer, (n) => added('configmaps', `c-${n}`, configMap));
    const { offset } = writer.state;
    for (let i = 0; i < EVENTS / AT_ONCE; i++) {
      await write(writer, (n) => ({ type: 'MODIFIED', key: `configmaps/default/c-${n}`, patch: { data: { n: String(i) } }, actor: userNamed('bench') }));
      await writer.snapshotIfDue();
    }
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const cold = await opened(log, main);
      const started = performance.now();
      const state = await cold.at(offset + i);
      if (!state.get('configmaps', 'default', 'c-1')) throw new Error('nothing there');
      times.push(performance.now() - started);
    }
    return { past_read_ms: median(times) };
  });
}

async function onDisk<T>(work: (log: EventLog) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const log = sqliteLog({ file: path.join(folder, 'log.sqlite') });
  try {
    return await work(log);
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
}

async function opened(log: EventLog, branch: Branch, from?: ReplicaOptions['from']): Promise<Replica> {
  const replica = await Replica.open({ log: branchLog(log, branch), cluster: branch.cluster, env: systemEnv, exclusive: true, ...(from && { from }) });
  if (replica.state.offset === 0)
    await bootstrap(replica, { objects: bootstrapObjects(replica.now()), env: systemEnv, admissionPlugins: defaultAdmissionPlugins });
  return replica;
}

async function fork(log: EventLog, of: Branch, parent: Replica, cluster: string): Promise<Replica> {
  const at = parent.state.offset;
  const branch: Branch = { cluster, log: newLogName(cluster, randomUUID()), base: baseAt(of, at) };
  if ((await log.branches.begin(branch)) !== 'begun') throw new Error(`${cluster} was not begun`);
  return opened(log, branch, { replica: parent, at });
}

const write = (replica: Replica, event: (n: number) => LogEvent): Promise<void> =>
  replica.commit(() => ({ events: Array.from({ length: AT_ONCE }, (_, n) => event(n)), answer: () => undefined }));

const added = (resource: 'pods' | 'configmaps', name: string, body: object): LogEvent => {
  const metadata = { name, namespace: 'default', uid: randomUUID(), labels: { app: 'web' }, creationTimestamp: '2026-11-01T00:00:00Z' };
  return { type: 'ADDED', key: `${resource}/default/${name}`, object: { ...body, metadata } as never, actor: userNamed('bench') };
};

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', data: { n: '0' } };

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  spec: {
    containers: [{ name: 'web', image: 'nginx:1.29', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
    nodeName: 'node-1',
    restartPolicy: 'Always',
  },
  status: {
    phase: 'Running',
    podIP: '10.244.0.7',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: '2026-11-01T00:00:01Z',
    })),
    containerStatuses: [
      { name: 'web', ready: true, restartCount: 0, image: 'nginx:1.29', imageID: '', state: { running: { startedAt: '2026-11-01T00:00:01Z' } } },
    ],
  },
};

/** Bytes that are in use, once all garbage is gone. */
function used(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
