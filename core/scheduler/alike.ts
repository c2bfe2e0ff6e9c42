import { demandsOf, isItsOwn } from './demands.ts';
import type { PodInfo } from './pod-info.ts';

/**
 * Pods that ask for the same as one that fits nowhere fit nowhere either, as long as nothing was placed and no room made: thousands of them (the rest of a
 * Deployment that is too large) are told the same without another look at every node.
 */
export class Alike<Told> {
  readonly #told = new Map<string, Told>();

  for(info: PodInfo): Told | undefined {
    return this.#told.size === 0 || isItsOwn(info) ? undefined : this.#told.get(demandsOf(info));
  }

  remember(info: PodInfo, told: Told): void {
    if (!isItsOwn(info)) this.#told.set(demandsOf(info), told);
  }

  forget(): void {
    if (this.#told.size > 0) this.#told.clear();
  }
}
