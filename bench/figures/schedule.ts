import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { systemEnv } from '../../core/env.ts';
import { clusterInstant } from '../../core/instant.ts';
import { type GroupResource, type KubeObject, keyOf } from '../../core/kube/object.ts';
import { userNamed } from '../../core/kube/user.ts';
import type { LogEvent } from '../../core/log/event.ts';
import { apply } from '../../core/reconcile/apply.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';
import type { KindOf } from '../../core/schema/kind-of.ts';
import { evolve } from '../../core/state/evolve.ts';
import { State } from '../../core/state/state.ts';
import { median } from '../workloads.ts';

const NODES = 5_000;
const PODS = 50_000;

/** A pass of the scheduler for one pending pod and for 500, on 5,000 nodes with 50,000 pods; it has made passes before. Medians of 15. */
export async function schedule(): Promise<Record<string, number>> {
  let state = evolve(State.empty, [added('namespaces', namespace), ...nodes(), ...pods(PODS, (i) => ({ nodeName: `n${i % NODES}` }))], {
    time: clusterInstant(Date.now()),
  }).state;
  const scheduler = schedulerReconciler();
  const pass = (pending: number): number => {
    const time = Date.now();
    const created = evolve(state, pods(pending), { time: clusterInstant(time) });
    const started = performance.now();
    const { mutations } = scheduler.reconcile({
      state: created.state,
      changes: created.changes,
      due: [],
      failures: [],
      waiting: new Set(),
      plugins: defaultAdmissionPlugins,
      now: clusterInstant(time),
      env: systemEnv,
    });
    const took = performance.now() - started;
    if (mutations.filter(({ type }) => type === 'bind').length !== pending) throw new Error('not all pods got a node');
    ({ state } = apply(created.state, mutations, { env: systemEnv, now: clusterInstant(time), plugins: defaultAdmissionPlugins }));
    return took;
  };
  const medianOf = (pending: number): number => median(Array.from({ length: 15 }, () => pass(pending)));
  pass(500);
  return { schedule_one_ms: medianOf(1), schedule_500_ms: medianOf(500) };
}

const added = <R extends GroupResource>(resource: R, object: KindOf<R>): LogEvent => ({
  type: 'ADDED',
  key: keyOf(resource, object.metadata.namespace, object.metadata.name),
  object,
  actor: userNamed('bench'),
});

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', uid: 'default' } };

const nodes = (): LogEvent[] =>
  Array.from({ length: NODES }, (_, i) =>
    added('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `n${i}`, uid: `n${i}`, labels: { 'kubernetes.io/hostname': `n${i}` } },
      spec: {},
      status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110' } },
    }),
  );

let made = 0;

function pods(count: number, spec: (i: number) => object = () => ({})): LogEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `p${made++}`;
    const container = { name: 'web', image: 'nginx:1.29', resources: { requests: { cpu: '10m', memory: '16Mi' } } };
    return added('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: 'web' } },
      spec: { containers: [container], schedulerName: 'default-scheduler', ...spec(i) },
      status: { phase: 'Pending' },
    });
  });
}
