import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { createServer, type Fetch } from '../../core/api/server.ts';
import { creation, type Mutation, update } from '../../core/apis/mutation.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { decide } from '../../core/decide/decide.ts';
import { decided } from '../../core/decide/decision.ts';
import { systemEnv } from '../../core/env.ts';
import { clusterInstant } from '../../core/instant.ts';
import { controllerUser, type User, userNamed } from '../../core/kube/user.ts';
import { encodeEntry } from '../../core/log/codec.ts';
import type { LogEvent } from '../../core/log/event.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Replica } from '../../core/replica/replica.ts';
import type { Pod } from '../../core/schema/generated/kinds.ts';
import { evolve } from '../../core/state/evolve.ts';
import { restoreSnapshot, takeSnapshot } from '../../core/state/snapshot.ts';
import type { State } from '../../core/state/state.ts';
import { median } from '../workloads.ts';

const PODS = 10_000;
const TEMPLATES = 20;
const APPLIES = 3_000;

/**
 * What field management costs: an apply of a Deployment of 200 fields that changes nothing, and one that changes a field (µs in process, HTTP left out); the memory of
 * the managed fields of 10,000 running pods of 20 templates (bytes a pod); the bytes that a status write has in the log, over what it would have without.
 */
export async function managedFields(): Promise<Record<string, number>> {
  return { ...(await applies()), ...(await ofPods()) };
}

async function applies(): Promise<Record<string, number>> {
  const { fetch } = await server();
  const send = async (image: string) => {
    const request = new Request('https://host.invalid', {
      method: 'PATCH',
      headers: { authorization: 'Bearer admin', 'content-type': 'application/apply-patch+yaml', 'user-agent': 'bench/1' },
      body: JSON.stringify(largeDeployment(image)),
    });
    const started = performance.now();
    const response = await fetch(request, { target: '/apis/apps/v1/namespaces/default/deployments/large?fieldManager=bench&force=true' });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`an apply was answered ${response.status}`);
    return (performance.now() - started) * 1000;
  };
  const timed = async (imageOf: (i: number) => string) => {
    const times: number[] = [];
    for (let i = 0; i < APPLIES; i++) times.push(await send(imageOf(i)));
    return median(times.slice(APPLIES / 2));
  };
  return { ssa_200_us: await timed(() => 'a'), ssa_200_changed_us: await timed((i) => `a:${i}`) };
}

/** Some 200 leaves. */
const largeDeployment = (image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'large', namespace: 'default', labels: { app: 'large' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'large' } },
    template: {
      metadata: { labels: { app: 'large' } },
      spec: {
        containers: Array.from({ length: 4 }, (_, i) => ({
          name: `c-${i}`,
          image: i === 0 ? image : 'b',
          env: Array.from({ length: 12 }, (_, j) => ({ name: `V${j}`, value: String(j) })),
          ports: Array.from({ length: 4 }, (_, j) => ({ containerPort: 8000 + j, name: `p-${i}-${j}`, protocol: 'TCP' })),
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '128Mi' } },
        })),
      },
    },
  },
});

async function server(): Promise<{ fetch: Fetch; replica: Replica }> {
  const env = systemEnv;
  const replica = await Replica.open({ log: memoryLog(), cluster: 'main', env });
  await bootstrap(replica, { objects: bootstrapObjects(Date.now()), env, admissionPlugins: defaultAdmissionPlugins });
  const { fetch } = createServer({
    replicaOf: async () => replica,
    defaultCluster: 'main',
    env,
    authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] } }),
    problem: (_message, error) => console.error(error),
  });
  return { fetch, replica };
}

async function ofPods(): Promise<Record<string, number>> {
  const { replica } = await server();
  const events = podEvents(replica.state);
  const time = clusterInstant(Date.now());
  const withOwners = await heapOf(evolve(replica.state, events, { time }).state);
  const without = await heapOf(evolve(replica.state, events.map(unmanaged), { time }).state);
  const status = events.at(-1)!;
  const bytes = (event: LogEvent) => encodeEntry({ offset: 1_000, time, writer: 'bench/1', events: [event] }).length;
  return { managed_fields_bytes: (withOwners - without) / PODS, managed_fields_log_ratio: bytes(status) / bytes(unmanaged(status)) };
}

function podEvents(first: State): LogEvent[] {
  const events: LogEvent[] = [];
  const now = clusterInstant(Date.now());
  let state = first;
  const write = (mutation: Mutation, actor: User) => {
    const decision = decided(decide(state, mutation, { env: systemEnv, now, actor, plugins: defaultAdmissionPlugins }));
    state = evolve(state, decision.events, { time: now }).state;
    events.push(...decision.events);
  };
  for (let i = 0; i < PODS; i++) {
    const pod = podOf(i);
    write(creation('pods', pod), controllerUser('replicaset-controller'));
    for (const isReady of [false, true]) write(update('pods', { ...pod, status: statusOf(i, isReady) }, 'status'), userNamed('system:node:node-1'));
  }
  return events;
}

function podOf(i: number): Pod {
  const owner = `web-${i % TEMPLATES}`;
  const uid = `00000000-0000-0000-0000-${String(i % TEMPLATES).padStart(12, '0')}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${owner}-${i}`,
      generateName: `${owner}-`,
      namespace: 'default',
      labels: { app: owner, [`template-${i % TEMPLATES}`]: 'a' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid, controller: true }],
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }] },
  };
}

function statusOf(i: number, isReady: boolean): NonNullable<Pod['status']> {
  const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const time = '2026-11-23T12:00:00Z';
  const condition = (type: string, holds: boolean) => ({ type, status: holds ? 'True' : 'False', lastTransitionTime: time });
  return {
    phase: isReady ? 'Running' : 'Pending',
    qosClass: 'BestEffort',
    hostIP: '10.0.0.1',
    hostIPs: [{ ip: '10.0.0.1' }],
    podIP: ip,
    podIPs: [{ ip }],
    startTime: time,
    conditions: [condition('PodScheduled', true), condition('Initialized', true), condition('ContainersReady', isReady), condition('Ready', isReady)],
    containerStatuses: [{ name: 'web', image: 'nginx:1.29', imageID: 'nginx@sha256:0', ready: isReady, restartCount: 0 }],
  };
}

function unmanaged(event: LogEvent): LogEvent {
  const { manager: _m, unowned: _u, applied: _a, managedFields: _f, ...rest } = event;
  return rest as LogEvent;
}

/** Of a state as a process holds it that has begun with its snapshot: nothing but the objects. */
async function heapOf(state: State): Promise<number> {
  const turn = async () => undefined;
  const { snapshot, bytes } = await takeSnapshot(state, turn);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const restored = await restoreSnapshot({ ...snapshot, bytes }, turn);
  collectGarbage();
  const after = process.memoryUsage().heapUsed;
  // It is kept up to here.
  if (restored.state.size !== state.size) throw new Error('the snapshot is another one');
  return after - before;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
