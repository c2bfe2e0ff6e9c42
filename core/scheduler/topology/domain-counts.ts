import type { ClusterInfo } from '../framework.ts';
import { LeastRecentlyUsed } from '../least-recently-used.ts';
import { NodeFollower } from '../node-follower.ts';
import type { NodeInfo } from '../node-info.ts';

/** What is counted in the domains of a topology. */
export interface Counted {
  /** The label that says in which domain a node is. */
  readonly topologyKey: string;
  /** How much of it there is on a node. */
  readonly on: (node: NodeInfo) => number;
  /** Whether a node counts, and makes its domain one to count with. Default: each one that has the label. */
  readonly includes?: (node: NodeInfo) => boolean;
}

/** How much of something there is in each domain of a topology, such as the pods that a term selects in each zone. Kept up node by node. */
export class DomainCounts {
  readonly #counted: Counted;
  readonly #follower = new NodeFollower();
  /** By the place of a node: its domain (-1: none), what is on it, and whether it counts. */
  readonly #domainOf: number[] = [];
  readonly #on: number[] = [];
  readonly #included: boolean[] = [];
  /** By domain: what there is in it, its nodes that count, and all of its nodes. */
  readonly #counts: number[] = [];
  readonly #counting: number[] = [];
  readonly #nodes: number[] = [];
  readonly #ids = new Map<string, number>();
  readonly #free: number[] = [];
  #total = 0;
  #size = 0;
  #least: number | undefined;

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  /** Brings it to the nodes of a cluster. */
  update(cluster: ClusterInfo): this {
    this.#follower.follow(cluster, (position, after, before) => {
      if (before) this.#remove(position, before);
      if (after) this.#add(position, after);
    });
    return this;
  }

  /** What there is in the domain of the node at a place; 0 when it is in none. */
  at(position: number): number {
    const domain = this.#domainOf[position]!;
    return domain < 0 ? 0 : this.#counts[domain]!;
  }

  /** What there is on the node at a place. */
  on(position: number): number {
    return this.#on[position]!;
  }

  /** The domain of the node at a place, -1 when it is in none. */
  domainOf(position: number): number {
    return this.#domainOf[position]!;
  }

  /** What there is in all domains together. */
  get total(): number {
    return this.#total;
  }

  /** How many domains have a node that counts. */
  get size(): number {
    return this.#size;
  }

  /** What there is in the domain that has the least, of those with a node that counts; 0 without any. */
  get least(): number {
    if (this.#least === undefined) {
      let least = Number.POSITIVE_INFINITY;
      for (let id = 0; id < this.#counts.length; id++) if (this.#counting[id]! > 0 && this.#counts[id]! < least) least = this.#counts[id]!;
      this.#least = this.#size === 0 ? 0 : least;
    }
    return this.#least;
  }

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return 32 * this.#domainOf.length + 120 * this.#counts.length;
  }

  #add(position: number, node: NodeInfo): void {
    const { topologyKey, on, includes } = this.#counted;
    const value = node.node.metadata.labels?.[topologyKey];
    const domain = value === undefined ? -1 : this.#idOf(value);
    const amount = on(node);
    const included = domain >= 0 && (includes?.(node) ?? true);
    this.#domainOf[position] = domain;
    this.#on[position] = amount;
    this.#included[position] = included;
    if (domain >= 0) this.#nodes[domain]!++;
    if (included) this.#count(domain, amount, 1);
  }

  #remove(position: number, { node }: NodeInfo): void {
    const domain = this.#domainOf[position]!;
    if (domain < 0) return;
    if (this.#included[position]) this.#count(domain, -this.#on[position]!, -1);
    if (--this.#nodes[domain]! > 0) return;
    this.#ids.delete(node.metadata.labels![this.#counted.topologyKey]!);
    this.#free.push(domain);
  }

  #count(domain: number, amount: number, nodes: number): void {
    const before = this.#counting[domain]!;
    this.#counts[domain]! += amount;
    this.#counting[domain] = before + nodes;
    this.#total += amount;
    if (before === 0) this.#size++;
    else if (before + nodes === 0) this.#size--;
    this.#least = undefined;
  }

  #idOf(value: string): number {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#counts.length;
    this.#counts[id] = 0;
    this.#counting[id] = 0;
    this.#nodes[id] = 0;
    this.#ids.set(value, id);
    return id;
  }
}

/** The counts that are kept, by what they are of. */
export class KeptCounts extends LeastRecentlyUsed<DomainCounts> {
  constructor() {
    super(24 * 1024 * 1024);
  }
}
