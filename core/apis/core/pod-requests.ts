import { milliValue, value } from '../../kube/quantity.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../schema/generated/kinds.ts';

/** Amounts by resource name: cpu in millicores, all else in its own unit (bytes, pieces). */
export type Amounts = Readonly<Record<string, number>>;

/**
 * What a pod asks of its node (k8s.io/component-helpers/resource, PodRequests): the containers' sum and the restartable init containers',
 * or what an init container needs at its time if that is more; plus overhead. Pod-level requests go before their containers'.
 * The answer is kept for as long as the spec lives: specs in a state never change.
 */
export function podRequests({ spec }: Pod): Amounts {
  let amounts = known.get(spec!);
  if (!amounts) {
    amounts = compute(spec!);
    known.set(spec!, amounts);
  }
  return amounts;
}

const known = new WeakMap<PodSpec, Amounts>();

function compute({ containers, initContainers = [], overhead, resources }: PodSpec): Amounts {
  const sum: Record<string, number> = {};
  for (const container of containers) add(sum, requestsOf(container));
  // Sidecars started so far run beside every later init container.
  const sidecars: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const container of initContainers) {
    const own = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      add(sum, own);
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      raise(peak, plus(own, sidecars));
    }
  }
  raise(sum, peak);
  for (const [name, amount] of Object.entries(requestsOf({ resources }))) sum[name] = amount;
  if (overhead) add(sum, amountsOf(overhead));
  return sum;
}

const requestsOf = ({ resources }: Pick<Container, 'resources'> | { resources: ResourceRequirements | undefined }): Amounts => amountsOf(resources?.requests);

/** A ResourceList in numbers. */
export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const out: Record<string, number> = {};
  for (const name in list) out[name] = name === 'cpu' ? milliValue(list[name]!) : value(list[name]!);
  return out;
}

function add(sum: Record<string, number>, more: Amounts): void {
  for (const name in more) sum[name] = (sum[name] ?? 0) + more[name]!;
}

function raise(to: Record<string, number>, least: Amounts): void {
  for (const name in least) to[name] = Math.max(to[name] ?? 0, least[name]!);
}

function plus(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a };
  add(sum, b);
  return sum;
}
