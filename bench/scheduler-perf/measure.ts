import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { systemEnv } from '../../core/env.ts';
import { type KubeObject, keyOf } from '../../core/kube/object.ts';
import { userNamed } from '../../core/kube/user.ts';
import type { LogEvent } from '../../core/log/event.ts';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import { Replica } from '../../core/replica/replica.ts';
import { schedulerReconciler } from '../../core/scheduler/scheduler.ts';
import type { Workload } from './workloads.ts';

/** Pods come in so many at a time; then the scheduler runs. */
const AT_ONCE = 1_000;

/** Pods placed a second, and in a second of the process's computing time, all its threads together: that is less of a matter of what else the machine does. */
export interface Throughput {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/**
 * How fast pods are placed: from the moment at which they stand in the log until each binding, with its Event, does, on a log on the disk. That they are made costs nothing
 * here, as it does in scheduler_perf another process; what comes and goes beside them does so at its pace there.
 */
export async function measure({ nodes, initial, waiting, deleting = 0, measured: [count, shape], churn }: Workload): Promise<Throughput> {
  const directory = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const log = sqliteLog({ file: path.join(directory, 'log.sqlite') });
  const cluster = await Bench.open(log);
  await cluster.put([...['default', 'sched-0', 'sched-1'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })), ...nodes()]);
  await cluster.put(waiting?.() ?? []);
  const first = initial?.() ?? [];
  await cluster.put(first);
  await cluster.run();
  const going = deleting > 0 ? first.filter(({ kind }) => kind === 'Pod') : [];
  let took = 0;
  let computed = 0;
  let churned = 0;
  let gone = 0;
  let last: readonly KubeObject[] = [];
  for (let made = 0; made < count; made += AT_ONCE) {
    await cluster.put(Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, i) => shape(`pod-${made + i}`)).flat());
    while (churn && churned * churn.everyMs <= took) {
      if (churn.recreated) await cluster.remove(last);
      last = churn.made(churned++);
      await cluster.put(last);
    }
    while (gone < going.length && gone < (took * deleting) / 1000) await cluster.remove([going[gone++]!]);
    const run = await cluster.run();
    took += run.ms;
    computed += run.cpuMs;
  }
  const waits = cluster.replica.state.list('pods').filter(({ metadata, spec }) => metadata.name.startsWith('pod-') && !spec!.nodeName);
  if (waits.length > 0) throw new Error(`${waits.length} pods got no node`);
  await log.close();
  rmSync(directory, { recursive: true });
  return { perSecond: (1000 * count) / took, perCpuSecond: (1000 * count) / computed };
}

class Bench {
  readonly replica: Replica;
  readonly #runner: Runner;

  static async open(log: ReturnType<typeof sqliteLog>): Promise<Bench> {
    return new Bench(await Replica.open({ log, cluster: 'bench', env: systemEnv, exclusive: true }));
  }

  private constructor(replica: Replica) {
    this.replica = replica;
    this.#runner = new Runner({
      replica,
      reconciler: schedulerReconciler(),
      env: systemEnv,
      admissionPlugins: defaultAdmissionPlugins,
      refused: ({ mutation, status }) => {
        throw new Error(`${mutation.type}: ${status.message}`);
      },
    });
  }

  /** Lets the scheduler do what it can. Resolves to what that took. */
  async run(): Promise<{ readonly ms: number; readonly cpuMs: number }> {
    const [started, before] = [performance.now(), process.cpuUsage()];
    await this.#runner.run();
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
  }

  /** Writes objects as the API server has them. */
  async put(objects: readonly KubeObject[]): Promise<void> {
    await this.#append(objects.map((object) => ({ type: 'ADDED', key: keyOfObject(object), object: stored(object), actor })));
  }

  async remove(objects: readonly KubeObject[]): Promise<void> {
    await this.#append(objects.map((object) => ({ type: 'DELETED', key: keyOfObject(object), actor })));
  }

  async #append(events: readonly LogEvent[]): Promise<void> {
    for (let i = 0; i < events.length; i += AT_ONCE) {
      await this.replica.commit(() => ({ events: events.slice(i, i + AT_ONCE), answer: () => undefined }));
    }
  }
}

const actor = userNamed('bench');

const resources: Readonly<Record<string, string>> = {
  CSINode: 'csinodes.storage.k8s.io',
  DeviceClass: 'deviceclasses.resource.k8s.io',
  ResourceClaim: 'resourceclaims.resource.k8s.io',
  ResourceSlice: 'resourceslices.resource.k8s.io',
};

const keyOfObject = ({ kind, metadata }: KubeObject) => keyOf(resources[kind] ?? `${kind.toLowerCase()}s`, metadata.namespace, metadata.name);

/** With what the API server and its admission plugins add to a pod. */
function stored({ metadata, ...object }: KubeObject): KubeObject {
  const whole = { ...object, metadata: { uid: `uid-${metadata.name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata } };
  if (object.kind !== 'Pod') return whole;
  const spec = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    securityContext: {},
    schedulerName: 'default-scheduler',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    enableServiceLinks: true,
    tolerations: ['not-ready', 'unreachable'].map((name) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
    ...(object as { spec?: object }).spec,
  };
  return { ...whole, spec, status: { phase: 'Pending' } } as KubeObject;
}
