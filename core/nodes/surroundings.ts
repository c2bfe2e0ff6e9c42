import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** What a program in a container sees of the cluster around it. Times are in ms since the epoch where nothing else is said. */
export interface Surroundings {
  /** When its container started. */
  readonly startedAt: number;
  readonly hostname: string;
  /** Since when a name is known to the cluster's DNS. Undefined: it is not. */
  resolves(host: string): number | undefined;
  /** Since when something answers there. Undefined: nothing does. */
  answers(host: string): number | undefined;
  /** When anything that was asked for comes about next, in ms since the container's start. Undefined: nothing that is known of. */
  changesAfter(time: number): number | undefined;
  /** A number from 0 to 1, the same each time it is asked for under a name. */
  chance(name: string): number;
}

/** Those of a pod's container. Services are looked for when they are asked for, and only then is what is decided of the pod held to rest on them. */
export class ClusterSurroundings implements Surroundings {
  readonly startedAt: number;
  readonly #pod: Pod;
  readonly #state: State;
  readonly #attempt: string;
  readonly #known: number[] = [];

  constructor({ pod, state, startedAt, attempt }: { pod: Pod; state: State; startedAt: number; attempt: string }) {
    this.startedAt = startedAt;
    this.#pod = pod;
    this.#state = state;
    this.#attempt = attempt;
  }

  get hostname(): string {
    return this.#pod.spec?.hostname ?? this.#pod.metadata.name;
  }

  resolves(host: string): number | undefined {
    const service = this.#service(host);
    if (service === 'outside') return /\.invalid\.?$|nonexist|does-?not-?exist/i.test(host) ? undefined : 0;
    return this.#since(service && Date.parse(service.metadata.creationTimestamp!));
  }

  answers(host: string): number | undefined {
    const service = this.#service(host);
    if (!service || service === 'outside') return service ? this.resolves(host) : undefined;
    const { namespace, name, creationTimestamp } = service.metadata;
    if (!service.spec?.selector) return this.#since(Date.parse(creationTimestamp!));
    const slices = this.#state
      .list('endpointslices.discovery.k8s.io', namespace!)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
    const since = slices
      .filter(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready !== false))
      .map(({ metadata }) => Date.parse(metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? metadata.creationTimestamp!));
    return this.#since(since.length > 0 ? Math.min(...since) : undefined);
  }

  changesAfter(time: number): number | undefined {
    const later = this.#known.filter((known) => known > this.startedAt + time);
    return later.length > 0 ? Math.min(...later) - this.startedAt : undefined;
  }

  /** Something that was asked for comes about at a time, in ms since the epoch. */
  expects(time: number): void {
    this.#known.push(time);
  }

  chance(name: string): number {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (const char of `${this.#pod.metadata.uid} ${this.#attempt} ${name}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
  }

  #since(since: number | undefined): number | undefined {
    if (since !== undefined) this.#known.push(since);
    return since;
  }

  #service(host: string) {
    const { namespace: own } = this.#pod.metadata;
    const inside = /\.svc(\.cluster\.local)?\.?$/.test(host);
    const labels = host
      .replace(/\.$/, '')
      .replace(/\.svc(\.cluster\.local)?$/, '')
      .split('.');
    if (host === 'localhost' || /^[\d.]+$/.test(host) || labels.length > 3) return 'outside';
    const [first, second, third] = labels as [string, string?, string?];
    // A pod's own name comes before that of its headless Service, which is what is looked for.
    if (third) return inside ? this.#state.get('services', third, second!) : 'outside';
    if (!second) return this.#state.get('services', own, first);
    if (inside || this.#state.get('namespaces', undefined, second)) return this.#state.get('services', second, first);
    return this.#state.get('services', own, second) ?? 'outside';
  }
}
