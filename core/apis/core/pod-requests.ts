import { milliValue, value } from '../../kube/quantity.ts';
import type { Container, ContainerStatus, Pod, PodSpec, ResourceRequirements } from '../../schema/generated/kinds.ts';

/** Amounts by resource name: cpu in millicores, all else in its own unit (bytes, pieces). */
export type Amounts = Readonly<Record<string, number>>;

/**
 * What a pod asks of its node (k8s.io/component-helpers/resource, PodRequests): the containers' sum and the restartable init containers',
 * or what an init container needs at its time if that is more; plus overhead. Pod-level requests go before their containers'.
 * The answer is kept for as long as the containers live: what stands in a state never changes.
 */
export const podRequests = ({ spec }: Pod): Amounts => requestsOfSpec(spec!).requests;

export interface Requests {
  readonly requests: Amounts;
  /** The same where a container that asks for no cpu or memory counts as 100m and 200 MB, so that such pods spread as well (GetNonzeroRequests). */
  readonly defaulted: { readonly cpu: number; readonly memory: number };
}

/**
 * What a pod that has a node holds of it: until a resize is through, the most of what its containers ask for, have been allocated and run with; of one that the node can
 * never grant, what they have (PodResourcesOptions.UseStatusResources).
 */
export function heldRequests(pod: Pod): Requests {
  const { spec, status } = pod;
  const own = requestsOfSpec(spec!);
  if (!status?.containerStatuses && !status?.initContainerStatuses) return own;
  const statuses = new Map([...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((one) => [one.name, one]));
  const isSettled = (container: Container) => isResizeDone(container, statuses.get(container.name));
  if (spec!.containers.every(isSettled) && (spec!.initContainers ?? []).every(isSettled)) return own;
  const infeasible = status.conditions?.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible') ?? false;
  return compute(spec!, (container) => {
    const one = statuses.get(container.name);
    if (!one?.resources || !isResizable(container, spec!)) return requestsOf(container);
    const held: Record<string, number> = infeasible ? {} : { ...requestsOf(container) };
    raise(held, amountsOf(one.resources.requests));
    raise(held, amountsOf(one.allocatedResources));
    return held;
  });
}

/** Whether a container runs with what it asks for, as nearly all do: the texts are the same. */
function isResizeDone({ resources }: Container, status: ContainerStatus | undefined): boolean {
  if (!status?.resources) return true;
  return (
    sameAmounts(status.resources.requests, resources?.requests) && (!status.allocatedResources || sameAmounts(status.allocatedResources, resources?.requests))
  );
}

function sameAmounts(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  if (a === b) return true;
  for (const name in a) if (a[name] !== b[name]) return false;
  for (const name in b) if (a[name] === undefined) return false;
  return true;
}

/** Init containers are, when they go on running. */
const isResizable = (container: Container, { containers }: PodSpec): boolean => container.restartPolicy === 'Always' || containers.includes(container);

/** Known by the containers: a pod that gets a node has another spec, with the same ones. */
function requestsOfSpec(spec: PodSpec): Requests {
  const { containers, initContainers, overhead, resources } = spec;
  const before = known.get(containers);
  if (before && before.initContainers === initContainers && before.overhead === overhead && before.resources === resources) return before.amounts;
  const amounts = compute(spec, requestsOf);
  known.set(containers, { initContainers, overhead, resources, amounts });
  return amounts;
}

const known = new WeakMap<PodSpec['containers'], Pick<PodSpec, 'initContainers' | 'overhead' | 'resources'> & { readonly amounts: Requests }>();

const DEFAULT_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

function compute(spec: PodSpec, of: (container: Container) => Amounts): Requests {
  const defaulted = sumOf(spec, (container) => ({ cpu: DEFAULT_CPU, memory: DEFAULT_MEMORY, ...of(container) }));
  return { requests: sumOf(spec, of), defaulted: { cpu: defaulted['cpu'] ?? 0, memory: defaulted['memory'] ?? 0 } };
}

function sumOf({ containers, initContainers = [], overhead, resources }: PodSpec, of: (container: Container) => Amounts): Amounts {
  const sum: Record<string, number> = {};
  for (const container of containers) add(sum, of(container));
  // Sidecars started so far run beside every later init container.
  const sidecars: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const container of initContainers) {
    const own = of(container);
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
