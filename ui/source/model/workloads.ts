import type { Pod, Slim, Workload } from './kinds.ts';
import { type Phase, stateOf } from './pod-state.ts';
import type { ResourceName } from './resources.ts';

export interface WorkloadRow {
  /** `Deployment` */
  readonly kind: string;
  /** `deployments`; undefined: of a kind that the page does not follow. */
  readonly resource: ResourceName | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly object: Workload | undefined;
  readonly pods: readonly Pod[];
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  /** How many pods there should be; undefined: that is not a number of its own. */
  readonly wanted: number | undefined;
  readonly ready: number;
  readonly restarts: number;
}

interface Known {
  readonly pods: ReadonlyMap<string, Pod>;
  readonly deployments: ReadonlyMap<string, Workload>;
  readonly replicasets: ReadonlyMap<string, Workload>;
  readonly statefulsets: ReadonlyMap<string, Workload>;
  readonly daemonsets: ReadonlyMap<string, Workload>;
  readonly jobs: ReadonlyMap<string, Workload>;
  readonly cronjobs: ReadonlyMap<string, Workload>;
}

const SHOWN = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  ReplicaSet: 'replicasets',
} as const;
type ShownKind = keyof typeof SHOWN;

/** What runs, each with its pods: what people made, not what controllers made of it. Pods of nobody are on their own. */
export function workloadRows(known: Known): WorkloadRow[] {
  const podsOf = new Map<string, Pod[]>();
  const tops = new Map<string, string>();
  for (const pod of known.pods.values()) {
    const direct = directOwner(pod);
    let owner = tops.get(direct);
    // Pods of one owner have the same one above.
    if (owner === undefined) {
      owner = topOwner(pod, known);
      tops.set(direct, owner);
    }
    const pods = podsOf.get(owner);
    if (pods) pods.push(pod);
    else podsOf.set(owner, [pod]);
  }
  const rows: WorkloadRow[] = [];
  for (const [kind, resource] of Object.entries(SHOWN) as [ShownKind, (typeof SHOWN)[ShownKind]][]) {
    for (const [key, object] of known[resource]) {
      const name = `${kind} ${key}`;
      if (controllerOf(object) && topOwner(object, known, kind) !== name) continue;
      rows.push(rowOf(name, object, podsOf.get(name) ?? []));
      podsOf.delete(name);
    }
  }
  for (const [name, pods] of podsOf) rows.push(rowOf(name, undefined, pods));
  return rows.sort((a, b) => compare(a.namespace ?? '', b.namespace ?? '') || compare(a.name, b.name) || compare(a.kind, b.kind));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const directOwners = new WeakMap<Pod, string>();

/** What a pod is of, or the pod itself. */
function directOwner(pod: Pod): string {
  const known = directOwners.get(pod);
  if (known !== undefined) return known;
  const { namespace, name } = pod.metadata;
  const owner = controllerOf(pod);
  const found = `${owner?.kind ?? 'Pod'} ${namespace}/${owner?.name ?? name}`;
  directOwners.set(pod, found);
  return found;
}

const controllerOf = ({ metadata }: Slim) => metadata.ownerReferences?.find(({ controller }) => controller);

/** `Deployment shop/web`. */
function topOwner(object: Slim, known: Known, ownKind = 'Pod'): string {
  const { namespace } = object.metadata;
  let [kind, name, of] = [ownKind, object.metadata.name, object];
  for (let depth = 0; depth < 4; depth++) {
    const owner = controllerOf(of);
    if (!owner) break;
    [kind, name] = [owner.kind, owner.name];
    const next = kind in SHOWN ? known[SHOWN[kind as ShownKind]].get(namespace ? `${namespace}/${name}` : name) : undefined;
    if (!next) break;
    of = next;
  }
  return `${kind} ${namespace ? `${namespace}/${name}` : name}`;
}

function rowOf(title: string, object: Workload | undefined, pods: readonly Pod[]): WorkloadRow {
  const space = title.indexOf(' ');
  const kind = title.slice(0, space);
  const key = title.slice(space + 1);
  const slash = key.indexOf('/');
  const phases: Partial<Record<Phase, number>> = {};
  let [ready, restarts] = [0, 0];
  for (const pod of pods) {
    const state = stateOf(pod);
    phases[state.phase] = (phases[state.phase] ?? 0) + 1;
    restarts += state.restarts;
    if (state.phase === 'running') ready++;
  }
  return {
    kind,
    resource: kind in SHOWN ? SHOWN[kind as ShownKind] : kind === 'Pod' ? 'pods' : undefined,
    namespace: slash === -1 ? undefined : key.slice(0, slash),
    name: key.slice(slash + 1),
    object,
    pods,
    phases,
    wanted: wantedOf(kind, object),
    ready,
    restarts,
  };
}

function wantedOf(kind: string, object: Workload | undefined): number | undefined {
  if (!object) return kind === 'Pod' ? 1 : undefined;
  if (kind === 'DaemonSet') return object.status?.desiredNumberScheduled ?? 0;
  if (kind === 'Job') return object.spec?.completions ?? object.spec?.parallelism ?? 1;
  return kind === 'CronJob' ? undefined : (object.spec?.replicas ?? 1);
}

export const rowKey = ({ kind, namespace, name }: Pick<WorkloadRow, 'kind' | 'namespace' | 'name'>): string => `${kind} ${namespace ?? ''}/${name}`;
