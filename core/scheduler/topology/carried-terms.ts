import type { ClusterInfo } from '../framework.ts';
import { NodeFollower } from '../node-follower.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodKind } from '../pod-kind.ts';
import { isAbout } from './affinity-terms.ts';
import type { CarriedTerm } from './carried-term.ts';

/** The terms that pods carry in the whole cluster, each once however many carry it. */
export class CarriedTerms {
  readonly #follower = new NodeFollower();
  readonly #terms = new Map<string, { readonly term: CarriedTerm; pods: number }>();
  /** Those that are about pods that are all alike, until there is another term, or one less. */
  readonly #about = new Map<string, readonly CarriedTerm[]>();

  update(cluster: ClusterInfo): this {
    this.#follower.follow(cluster, (_position, after, before) => {
      if (after?.bound.carried === before?.bound.carried) return;
      for (const term of after?.bound.carried ?? []) this.#add(term);
      for (const term of before?.bound.carried ?? []) this.#remove(term);
    });
    return this;
  }

  get isEmpty(): boolean {
    return this.#terms.size === 0;
  }

  /** Whether one of them looks at the labels of namespaces. */
  get looksAtNamespaces(): boolean {
    for (const { term } of this.#terms.values()) if (term.term.namespaceSelector) return true;
    return false;
  }

  /** Those that are about a pod. */
  about(pod: PodKind, namespaceLabels: Readonly<Record<string, string>>): readonly CarriedTerm[] {
    const alike = JSON.stringify([pod.namespace, pod.labels, namespaceLabels]);
    let terms = this.#about.get(alike);
    if (!terms) {
      if (this.#about.size >= MOST_ALIKE) this.#about.clear();
      terms = [...this.#terms.values()].filter(({ term }) => isAbout(term.term, pod, namespaceLabels)).map(({ term }) => term);
      this.#about.set(alike, terms);
    }
    return terms;
  }

  #add(term: CarriedTerm): void {
    const known = this.#terms.get(term.text);
    if (known) {
      known.pods++;
      return;
    }
    this.#terms.set(term.text, { term, pods: 1 });
    this.#about.clear();
  }

  #remove({ text }: CarriedTerm): void {
    const known = this.#terms.get(text)!;
    if (--known.pods > 0) return;
    this.#terms.delete(text);
    this.#about.clear();
  }
}

const MOST_ALIKE = 1_000;

/** How much a node's pods carry of a term. */
export function carriedOn({ bound }: NodeInfo, { text }: CarriedTerm): number {
  let sum = 0;
  for (const term of bound.carried) if (term.text === text) sum += term.weight;
  return sum;
}
