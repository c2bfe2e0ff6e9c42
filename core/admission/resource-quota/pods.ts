import { qosClass } from '../../apis/core/pod-qos.ts';
import { aggregate } from '../../apis/core/pod-resources.ts';
import { isExtended, isNative } from '../../apis/core/resource-requirements.ts';
import type { ClusterInstant } from '../../instant.ts';
import { same } from '../../kube/object.ts';
import { compareQuantities, sumQuantities } from '../../kube/quantity.ts';
import type { Container, ContainerStatus, Pod, PodAffinityTerm, PodSpec } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Amount, type Amounts, amountOf, ONE } from './amounts.ts';
import { countOf, type SummedEvaluator } from './evaluator.ts';
import type { Scopes } from './scopes.ts';

/** Pods: how many there are, what they ask for and may use (pkg/quota/v1/evaluator/core/pods.go). Those that have ended take nothing but their place in `count/pods`. */
export const pods: SummedEvaluator<Pod> = {
  resource: 'pods',
  kind: 'Pod',
  counts: (name) => named.has(name) || HUGE_PAGES.test(name) || isExtendedRequest(name),
  handles({ operation, subresource, object, old }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource !== undefined) return false;
    return operation === 'CREATE' || isTerminating((object as Pod).spec!) !== isTerminating((old as Pod).spec!);
  },
  scopesOf: ({ spec }) => memoized(scopesBySpec, spec!, scopesOf),
  usageOf: (pod) => (hasEnded(pod) ? ended : usageOf(pod)),
  missing,
  released: (namespace, { state, now }) => state.by(ending, namespace).filter((pod) => now > leftAt(pod)),
};

const COUNT = countOf('pods');
const computed = ['cpu', 'memory', 'ephemeral-storage'];
const named = new Set([COUNT, 'pods', ...computed, ...computed.map((name) => `requests.${name}`), ...computed.map((name) => `limits.${name}`)]);
const HUGE_PAGES = /^(requests\.)?hugepages-/;
const DEVICE_CLASS = 'deviceclass.resource.kubernetes.io/';

/** Extended resources are limited by what is requested of them alone, for no more than that may be used. */
export const isExtendedRequest = (name: string): boolean => name.startsWith('requests.') && (!isNative(name) || name.startsWith(`requests.${DEVICE_CLASS}`));

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const ended: Amounts = new Map([[COUNT, ONE]]);

/** The pods of a namespace that are on their way out. */
const ending = index(['pods'], (_key, pod) => (pod.metadata.deletionTimestamp && !hasEnded(pod) ? [pod.metadata.namespace!] : []));

/** A pod that should be gone by now, twice its grace period after it was deleted, is stuck (a node is lost): its place is free (QuotaV1Pod). ms since the epoch. */
const leftAt = ({ metadata: { deletionTimestamp, deletionGracePeriodSeconds = 0 } }: Pod): number =>
  Date.parse(deletionTimestamp!) + deletionGracePeriodSeconds * 1000;

/** When the next pod of a namespace is given up. */
export const nextRelease = (namespace: string, { state, now }: Parameters<NonNullable<typeof pods.released>>[1]): ClusterInstant | undefined => {
  const times = state
    .by(ending, namespace)
    .map(leftAt)
    .filter((time) => time >= now);
  return times.length > 0 ? ((Math.min(...times) + 1) as ClusterInstant) : undefined;
};

function scopesOf(spec: PodSpec): Scopes {
  return {
    [isTerminating(spec) ? 'Terminating' : 'NotTerminating']: [],
    [qosClass(spec) === 'BestEffort' ? 'BestEffort' : 'NotBestEffort']: [],
    PriorityClass: spec.priorityClassName ? [spec.priorityClassName] : [],
    ...(looksElsewhere(spec) && { CrossNamespacePodAffinity: [] }),
  };
}

const isTerminating = ({ activeDeadlineSeconds }: PodSpec): boolean => activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;

/** Whether a pod wants to be near pods of other namespaces, or far from them (usesCrossNamespacePodAffinity). */
function looksElsewhere({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((of): PodAffinityTerm[] => [
    ...(of?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(of?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector);
}

const usageBySpec = new WeakMap<PodSpec, Amounts>();
const scopesBySpec = new WeakMap<PodSpec, Scopes>();

function memoized<K extends object, V>(known: WeakMap<K, V>, key: K, compute: (key: K) => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = compute(key);
    known.set(key, value);
  }
  return value;
}

/** While a container is resized, the larger of what it has and what it is to have counts. */
function usageOf(pod: Pod): Amounts {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const { containers, initContainers = [] } = pod.spec!;
  const resized = new Map<string, ContainerStatus>();
  for (const status of [...containerStatuses, ...initContainerStatuses]) {
    const { resources, allocatedResources } = status;
    if (!resources && !allocatedResources) continue;
    const spec = (containers.find(({ name }) => name === status.name) ?? initContainers.find(({ name }) => name === status.name))?.resources ?? {};
    const { requests = {}, limits = {} } = resources ?? {};
    if (!same(requests, spec.requests ?? {}) || !same(limits, spec.limits ?? {}) || !same(allocatedResources ?? requests, spec.requests ?? {}))
      resized.set(status.name, status);
  }
  return resized.size > 0 ? computeUsage(pod, resized) : memoized(usageBySpec, pod.spec!, () => computeUsage(pod, resized));
}

function computeUsage(pod: Pod, resized: ReadonlyMap<string, ContainerStatus>): Amounts {
  const { spec } = pod as { spec: PodSpec };
  const infeasible = pod.status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';
  const effective = (field: 'requests' | 'limits') => (container: Container) => {
    const { resources, allocatedResources } = resized.get(container.name) ?? {};
    if (!resources) return container.resources?.[field];
    return largest([infeasible ? undefined : container.resources?.[field], resources[field], field === 'requests' ? allocatedResources : undefined]);
  };
  const total = (field: 'requests' | 'limits') => ({ ...aggregate(spec, effective(field)), ...podWide(spec.resources?.[field]) });
  const [requests, limits] = [total('requests'), total('limits')];
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    requests[name] = requests[name] === undefined ? amount : sumQuantities(requests[name], amount);
    if (limits[name] !== undefined) limits[name] = sumQuantities(limits[name], amount);
  }
  return new Map([[COUNT, ONE], ['pods', ONE], ...taken({ requests, limits })]);
}

type Quantities = Readonly<Record<string, string>>;

const podWide = (list: Quantities = {}): Quantities =>
  Object.fromEntries(Object.entries(list).filter(([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')));

function largest(lists: readonly (Quantities | undefined)[]): Quantities {
  const out: Record<string, string> = {};
  for (const list of lists) {
    for (const [name, amount] of Object.entries(list ?? {})) if (out[name] === undefined || compareQuantities(amount, out[name]) > 0) out[name] = amount;
  }
  return out;
}

/** What requests and limits count as (podComputeUsageHelper). */
function taken({ requests = {}, limits = {} }: { requests?: Quantities | undefined; limits?: Quantities | undefined }): [string, Amount][] {
  const out: [string, Amount][] = [];
  for (const [name, request] of Object.entries(requests)) {
    const amount = amountOf(request);
    const ofPages = name.startsWith('hugepages-');
    if (computed.includes(name) || ofPages) out.push([name, amount]);
    if (computed.includes(name) || ofPages || (!isNative(name) && isExtended(name)) || name.startsWith(DEVICE_CLASS)) out.push([`requests.${name}`, amount]);
  }
  for (const name of computed) if (limits[name] !== undefined) out.push([`limits.${name}`, amountOf(limits[name])]);
  return out;
}

/** Where cpu or memory is limited, every container must say what it asks for and may use; of other resources, nothing is demanded. */
const demanded = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

function missing(names: readonly string[], { spec }: Pod): string | undefined {
  const required = names.filter((name) => demanded.has(name)).sort();
  if (required.length === 0 || [spec!.resources?.requests, spec!.resources?.limits].some((list) => Object.keys(podWide(list)).length > 0)) return undefined;
  const { containers, initContainers = [] } = spec!;
  const said = [...containers, ...initContainers].map(({ name, resources }) => ({ name, names: new Map(taken(resources ?? {})) }));
  const lacking = required.flatMap((name) => {
    const without = said.filter(({ names }) => !names.has(name)).map((container) => container.name);
    return without.length > 0 ? [`${name} for: ${[...new Set(without)].sort().join(',')}`] : [];
  });
  return lacking.length > 0 ? `must specify ${lacking.join('; ')}` : undefined;
}
