import type { Container, Pod } from '../resources/generated/kinds.ts';
import { milliValue, value } from '../resources/quantity.ts';
import { isSidecar } from './containers-of.ts';

/** Amounts by resource name: cpu in thousandths of a core, all else in whole units (bytes). */
export type Amounts = ReadonlyMap<string, number>;

/** An object's quantities as amounts. */
export const amountsOf = (quantities: Record<string, string> = {}): Map<string, number> =>
  new Map(Object.entries(quantities).map(([name, text]) => [name, name === 'cpu' ? milliValue(text) : value(text)]));

// Specs are shared and never changed, so what one asks for is worked out once.
const known = new WeakMap<object, Amounts>();

/**
 * What a pod takes of its node: its containers and sidecars together, or the most that an init container takes beside the sidecars that
 * run before it, and the overhead; requests of the pod as a whole (KEP 2837) go before their sum (component-helpers/resource, PodRequests).
 */
export function podRequests({ spec }: Pod): Amounts {
  if (!spec) return new Map();
  const before = known.get(spec);
  if (before) return before;
  const requests = new Map<string, number>();
  for (const container of spec.containers) add(requests, requestsOf(container));
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) {
      add(requests, requestsOf(container));
      add(sidecars, requestsOf(container));
      raise(starting, sidecars);
    } else {
      const together = new Map(sidecars);
      add(together, requestsOf(container));
      raise(starting, together);
    }
  }
  raise(requests, starting);
  for (const [name, amount] of amountsOf(spec.resources?.requests)) requests.set(name, amount);
  add(requests, amountsOf(spec.overhead));
  known.set(spec, requests);
  return requests;
}

/** Adds `more` to `sum`, in place. */
export function add(sum: Map<string, number>, more: Amounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0) + amount);
}

function raise(most: Map<string, number>, other: Amounts): void {
  for (const [name, amount] of other) most.set(name, Math.max(most.get(name) ?? 0, amount));
}

const requestsOf = ({ resources }: Container): Amounts => amountsOf(resources?.requests);
