import { claimsOf } from '../apis/core/pod-claims.ts';
import { type Amounts, heldRequests, type Requests } from '../apis/core/pod-requests.ts';
import { type Key, keyOf } from '../kube/object.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { kindOf, type PodKind } from './pod-kind.ts';
import { type Affinities, affinitiesOf } from './topology/affinity-terms.ts';
import { type CarriedTerm, carriedBy } from './topology/carried-term.ts';

/** The pods that hold something of one node, summed up: the half of kube-scheduler's NodeInfo that comes of pods. A value: it never changes. */
export class BoundPods {
  static readonly none = new BoundPods([], [], {
    requested: {},
    scored: { cpu: 0, memory: 0 },
    hostPorts: [],
    carried: [],
    lowestPriority: Number.POSITIVE_INFINITY,
    claims: 0,
  });

  readonly count: number;
  readonly requested: Amounts;
  /** As `requested`, but a container that asks for nothing counts as 100m and 200 MB, so that such pods spread as well. */
  readonly scored: Requests['defaulted'];
  readonly hostPorts: readonly HostPort[];
  /** The terms of their affinities, which hold against pods that come after them. */
  readonly carried: readonly CarriedTerm[];
  /** The lowest priority of a pod among them; Infinity when there is none. */
  readonly lowestPriority: number;
  /** How many PersistentVolumeClaims they have together, each pod's counted for itself. */
  readonly claims: number;

  /** Those that come are added in place, so that thousands on one node are not copied for each: of this version are the first `count`. */
  readonly #pods: BoundPod[];
  /** Their kinds, in the same order: they are gone through for every selector. */
  readonly #kinds: PodKind[];

  private constructor(pods: BoundPod[], kinds: PodKind[], { requested, scored, hostPorts, carried, lowestPriority, claims }: Sums) {
    this.#pods = pods;
    this.#kinds = kinds;
    this.count = pods.length;
    this.requested = requested;
    this.scored = scored;
    this.hostPorts = hostPorts;
    this.carried = carried;
    this.lowestPriority = lowestPriority;
    this.claims = claims;
  }

  /** How many of them are of such a kind. */
  countOf(is: (kind: PodKind) => boolean): number {
    let count = 0;
    for (let i = 0; i < this.count; i++) if (is(this.#kinds[i]!)) count++;
    return count;
  }

  /** Those that have claims. */
  get claimants(): readonly BoundPod[] {
    return this.claims === 0 ? [] : this.#pods.slice(0, this.count).filter(({ claims }) => claims.length > 0);
  }

  plus(pods: readonly BoundPod[]): BoundPods {
    if (pods.length === 0) return this;
    const requested: Record<string, number> = { ...this.requested };
    const scored = { ...this.scored };
    let { hostPorts, carried, lowestPriority, claims } = this;
    for (const pod of pods) {
      for (const name in pod.requests) requested[name] = (requested[name] ?? 0) + pod.requests[name]!;
      scored.cpu += pod.scored.cpu;
      scored.memory += pod.scored.memory;
      if (pod.hostPorts.length > 0) hostPorts = [...hostPorts, ...pod.hostPorts];
      if (pod.affinities) carried = [...carried, ...carriedBy(pod.affinities)];
      lowestPriority = Math.min(lowestPriority, pod.priority);
      claims += pod.claims.length;
    }
    // Only the newest version may add in place; the one that is everybody's beginning never does.
    const inPlace = this.count > 0 && this.count === this.#pods.length;
    const all = inPlace ? this.#pods : this.#pods.slice(0, this.count);
    const kinds = inPlace ? this.#kinds : this.#kinds.slice(0, this.count);
    for (const pod of pods) {
      all.push(pod);
      kinds.push(pod.kind);
    }
    return new BoundPods(all, kinds, { requested, scored, hostPorts, carried, lowestPriority, claims });
  }

  /** With what stands under a key now in place of what stood there; under `undefined`, nothing. */
  replacing(pods: ReadonlyMap<Key, BoundPod | undefined>): BoundPods {
    const others = this.#pods.slice(0, this.count).filter(({ key }) => !pods.has(key));
    const now = [...pods.values()].filter((pod) => pod !== undefined);
    // Sums are added to, and never subtracted from: the lowest priority cannot be, and sums past 2^53 would not come back to what they were.
    return BoundPods.none.plus([...others, ...now]);
  }
}

/** What a pod holds of its node, and what other pods see of it there. */
export interface BoundPod {
  readonly key: Key;
  readonly kind: PodKind;
  readonly requests: Amounts;
  readonly scored: Requests['defaulted'];
  readonly hostPorts: readonly HostPort[];
  readonly priority: number;
  /** What it has to be near, and what must not come near it; undefined: nothing. */
  readonly affinities: Affinities | undefined;
  /** The names of its PersistentVolumeClaims. */
  readonly claims: readonly string[];
}

export function boundPodOf(pod: Pod, key: Key = keyOf('pods', pod.metadata.namespace, pod.metadata.name)): BoundPod {
  const { requests, defaulted } = heldRequests(pod);
  return {
    key,
    kind: kindOf(pod),
    requests,
    scored: defaulted,
    hostPorts: hostPortsOf(pod),
    priority: pod.spec!.priority ?? 0,
    affinities: affinitiesOf(pod),
    claims: pod.spec!.volumes ? claimsOf(pod) : NO_CLAIMS,
  };
}

/** Shared: most pods have none. */
const NO_CLAIMS: readonly string[] = [];

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
  readonly scored: Requests['defaulted'];
  readonly hostPorts: readonly HostPort[];
  readonly carried: readonly CarriedTerm[];
  readonly lowestPriority: number;
  readonly claims: number;
}
