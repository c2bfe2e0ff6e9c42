import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { systemEnv } from '../../core/env.ts';
import { clusterInstant } from '../../core/instant.ts';
import { type KubeObject, keyOf } from '../../core/kube/object.ts';
import { userNamed } from '../../core/kube/user.ts';
import type { LogEvent, Offset } from '../../core/log/event.ts';
import type { EventLog } from '../../core/log/log.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import type { Attributed, Reconciler } from '../../core/reconcile/reconciler.ts';
import { Runner } from '../../core/reconcile/runner.ts';
import { Replica } from '../../core/replica/replica.ts';
import type { ConfigMap } from '../../core/schema/generated/kinds.ts';
import { deployed } from '../deployed-log.ts';

const OBJECTS = 100;
const COMPUTING_MS = 1_000;
const FOREIGN_PER_S = 100;

/**
 * How often a reconciler has to begin, beside a foreign writer that appends a hundred entries a second, until all is in that it decides for a hundred objects in a pass
 * of one second. Each twentieth of those entries changes one of the objects.
 */
export async function pass(): Promise<Record<string, number>> {
  const objects = Array.from({ length: OBJECTS }, (_, i) => configMap(`c-${i}`));
  const foreign = new ForeignWriter(memoryLog());
  foreign.append([
    added('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }),
    ...objects.map((object) => added('configmaps', object)),
  ]);
  const replica = await Replica.open({ log: deployed(foreign.log), cluster: 'bench', env: systemEnv });
  let tries = 0;
  const runner = new Runner({ replica, env: systemEnv, admissionPlugins: defaultAdmissionPlugins, reconciler: labelling(foreign, () => tries++) });
  const stop = foreign.begin();
  while (replica.state.list('configmaps').some((object) => isOurs(object) && !isLabelled(object))) await runner.run();
  stop();
  return { pass_tries: tries };
}

const isOurs = ({ metadata }: KubeObject) => metadata.name.startsWith('c-');
const isLabelled = ({ metadata }: KubeObject) => metadata.labels?.['seen'] !== undefined;

/** Labels each object, which takes a hundredth of a second. */
function labelling(foreign: ForeignWriter, began: () => void): Reconciler {
  return {
    name: 'labels',
    reconcile({ state, stateFor }) {
      const mutations: Attributed[] = [];
      const unlabelled = state
        .observed(undefined)
        .list('configmaps')
        .filter((object) => isOurs(object) && !isLabelled(object));
      if (unlabelled.length > 0) began();
      for (const { metadata } of unlabelled) {
        const part = keyOf('configmaps', 'default', metadata.name);
        const { resourceVersion: _, ...unversioned } = stateFor!(part).get('configmaps', 'default', metadata.name)!.metadata;
        for (const until = performance.now() + COMPUTING_MS / OBJECTS; performance.now() < until; ) foreign.appendIfDue();
        const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...unversioned, labels: { seen: 'true' } }, data: {} };
        mutations.push({ type: 'update', resource: 'configmaps', object, actor: userNamed('bench'), part });
      }
      return { mutations, wakeups: new Map() };
    },
  };
}

const configMap = (name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: {} });

const added = (resource: string, object: KubeObject): LogEvent => ({
  type: 'ADDED',
  key: keyOf(resource, object.metadata.namespace, object.metadata.name),
  object,
  actor: userNamed('foreign'),
});

/** Appends to the log at once, also while this process computes: as a process of its own would. */
class ForeignWriter {
  /** The log for others: what they append is noted. */
  readonly log: EventLog;
  #end: Offset = 0;
  #entries = 0;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(log: EventLog) {
    this.log = {
      ...log,
      append: (cluster, request) => {
        // A log in memory has done it when the call returns.
        if (request.after === this.#end) this.#end += request.events.length;
        return log.append(cluster, request);
      },
    };
  }

  begin(): () => void {
    this.#dueAt = performance.now();
    const timer = setInterval(() => this.appendIfDue(), 1);
    return () => clearInterval(timer);
  }

  appendIfDue(): void {
    if (performance.now() < this.#dueAt) return;
    this.#dueAt += 1000 / FOREIGN_PER_S;
    const n = this.#entries++;
    const patched: LogEvent = {
      type: 'MODIFIED',
      key: keyOf('configmaps', 'default', `c-${n % OBJECTS}`),
      patch: { data: { n: String(n) } },
      actor: userNamed('foreign'),
    };
    this.append([n % 20 === 0 ? patched : added('configmaps', configMap(`foreign-${n}`))]);
  }

  append(events: readonly LogEvent[]): void {
    void this.log.append('bench', { after: this.#end, events, writer: `foreign-${this.#entries}`, time: clusterInstant(Date.now()) });
  }
}
