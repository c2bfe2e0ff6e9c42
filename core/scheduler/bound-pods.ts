import { type Amounts, podRequests } from '../apis/core/pod-requests.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';

/** The pods that hold something of one node, summed up: the half of kube-scheduler's NodeInfo that comes of pods. A value: it never changes. */
export class BoundPods {
  static readonly none = new BoundPods([], { requested: {}, scored: { cpu: 0, memory: 0 }, hostPorts: [], lowestPriority: Number.POSITIVE_INFINITY });

  readonly count: number;
  readonly requested: Amounts;
  /** As `requested`, but a container that asks for nothing counts as 100m and 200 MB, so that such pods spread as well. */
  readonly scored: ScoredRequests;
  readonly hostPorts: readonly HostPort[];
  /** The lowest priority of a pod among them; Infinity when there is none. */
  readonly lowestPriority: number;
  readonly #pods: readonly BoundPod[];

  private constructor(pods: readonly BoundPod[], { requested, scored, hostPorts, lowestPriority }: Sums) {
    this.#pods = pods;
    this.count = pods.length;
    this.requested = requested;
    this.scored = scored;
    this.hostPorts = hostPorts;
    this.lowestPriority = lowestPriority;
  }

  plus(pods: readonly BoundPod[]): BoundPods {
    if (pods.length === 0) return this;
    const requested: Record<string, number> = { ...this.requested };
    const scored = { ...this.scored };
    let { hostPorts, lowestPriority } = this;
    for (const pod of pods) {
      for (const name in pod.requests) requested[name] = (requested[name] ?? 0) + pod.requests[name]!;
      scored.cpu += pod.scored.cpu;
      scored.memory += pod.scored.memory;
      if (pod.hostPorts.length > 0) hostPorts = [...hostPorts, ...pod.hostPorts];
      lowestPriority = Math.min(lowestPriority, pod.priority);
    }
    return new BoundPods([...this.#pods, ...pods], { requested, scored, hostPorts, lowestPriority });
  }

  /** With what stands under a key now in place of what stood there; under `undefined`, nothing. */
  replacing(pods: ReadonlyMap<Key, BoundPod | undefined>): BoundPods {
    const others = this.#pods.filter(({ key }) => !pods.has(key));
    const now = [...pods.values()].filter((pod) => pod !== undefined);
    // Sums are added to, and never subtracted from: the lowest priority cannot be, and sums past 2^53 would not come back to what they were.
    return others.length === this.#pods.length ? this.plus(now) : BoundPods.none.plus([...others, ...now]);
  }
}

/** What a pod holds of its node. It follows from the pod's spec alone. */
export interface BoundPod {
  readonly key: Key;
  readonly requests: Amounts;
  readonly scored: ScoredRequests;
  readonly hostPorts: readonly HostPort[];
  readonly priority: number;
}

export const boundPodOf = (pod: Pod, key: Key = keyOf('pods', pod.metadata.namespace, pod.metadata.name)): BoundPod => {
  const requests = podRequests(pod);
  return {
    key,
    requests,
    scored: scoredRequests(pod, requests),
    hostPorts: hostPortsOf(pod),
    priority: pod.spec!.priority ?? 0,
  };
};

interface ScoredRequests {
  readonly cpu: number;
  readonly memory: number;
}

const DEFAULT_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/** What a pod counts for in scores (pkg/scheduler/util, GetNonzeroRequests). */
function scoredRequests({ spec }: Pod, requests: Amounts): ScoredRequests {
  let cpu = requests['cpu'] ?? 0;
  let memory = requests['memory'] ?? 0;
  for (const { resources } of spec!.containers) {
    if (resources?.requests?.['cpu'] === undefined) cpu += DEFAULT_CPU;
    if (resources?.requests?.['memory'] === undefined) memory += DEFAULT_MEMORY;
  }
  return { cpu, memory };
}

/** A port of a node, on one of its addresses or (0.0.0.0) on all of them. */
export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The ports of the node that a pod takes for as long as it runs: those of its containers and sidecars. */
function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const out: HostPort[] = [];
  const take = ({ ports }: Pick<NonNullable<Pod['spec']>['containers'][number], 'ports'>) => {
    for (const { hostPort, hostIP, protocol } of ports ?? []) if (hostPort) out.push({ protocol: protocol ?? 'TCP', ip: hostIP || '0.0.0.0', port: hostPort });
  };
  for (const container of spec!.containers) take(container);
  for (const container of spec!.initContainers ?? []) if (container.restartPolicy === 'Always') take(container);
  return out.length > 0 ? out : NO_PORTS;
}

/** Shared: most pods take none. */
const NO_PORTS: readonly HostPort[] = [];

interface Sums {
  readonly requested: Amounts;
  readonly scored: ScoredRequests;
  readonly hostPorts: readonly HostPort[];
  readonly lowestPriority: number;
}
