import { canonicalQuantity, compareQuantities, sumQuantities } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue } from '../../kube/validation/field.ts';
import type { Container, PodSpec } from '../../schema/generated/kinds.ts';
import { validatePodResourceRequirements } from './resource-requirements.ts';

/** What a pod as a whole asks for where only its limits say it (defaultPodRequests, defaultHugePagePodLimits). Changes the spec. */
export function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources || !(Object.keys(resources.limits ?? {}).length || Object.keys(resources.requests ?? {}).length)) return;
  const isPages = (name: string) => name.startsWith('hugepages-');
  const allowed = Object.entries(aggregate(spec, (container) => container.resources?.limits)).filter(([name]) => isPages(name));
  const limits = { ...Object.fromEntries(allowed), ...resources.limits };
  if (Object.keys(limits).length) resources.limits = limits;
  // What the containers ask for is known of a resource that every one of them asks for.
  const asked = aggregate(spec, (container) => container.resources?.requests);
  const requests = { ...resources.requests };
  for (const [name, amount] of Object.entries(asked)) if (podWide(name)) requests[name] ??= amount;
  for (const [name, limit] of Object.entries(limits)) if (podWide(name)) requests[name] ??= limit;
  if (Object.keys(requests).length) resources.requests = requests;
}

const podWide = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

type Amounts = Readonly<Record<string, string>>;

/** Checks what a pod as a whole asks for, also against what its containers do (validatePodResources); `path` is that of the spec. */
export function validatePodResources(spec: PodSpec, path: string, claims: ReadonlySet<string>): FieldError[] {
  const { resources, os } = spec;
  if (!resources) return [];
  const at = `${path}.resources`;
  if (os?.name === 'windows') return [forbiddenField(at, 'may not be set for a windows pod')];
  return [
    ...(resources.claims === undefined ? [] : [forbiddenField(`${at}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...validatePodResourceRequirements(resources, at, claims),
    ...validateConsistency(spec, resources, at),
  ];
}

function validateConsistency(spec: PodSpec, { requests = {}, limits = {} }: { requests?: Amounts; limits?: Amounts }, path: string): FieldError[] {
  const asked = aggregate(spec, ({ resources }) => resources?.requests);
  const allowed = aggregate(spec, ({ resources }) => resources?.limits);
  const atLeast = (kind: 'requests' | 'limits', name: string, pod: string, sum: string) =>
    compareQuantities(sum, pod) > 0
      ? [invalidValue(`${path}.${kind}[${name}]`, pod, `must be greater than or equal to aggregate container ${kind} of ${canonicalQuantity(sum)}`)]
      : [];
  return [
    ...Object.entries(asked).flatMap(([name, sum]) => (requests[name] === undefined ? [] : atLeast('requests', name, requests[name], sum))),
    ...Object.entries(allowed)
      .filter(([name]) => name.startsWith('hugepages-'))
      .flatMap(([name, sum]) => (limits[name] === undefined ? [] : atLeast('limits', name, limits[name], sum))),
    ...(spec.containers ?? []).flatMap(({ resources }, i) =>
      Object.entries(resources?.limits ?? {}).flatMap(([name, limit]) =>
        limits[name] !== undefined && compareQuantities(limit, limits[name]) > 0
          ? [invalidValue(`${path}.containers[${i}][${name}].limits`, limit, `must be less than or equal to pod limits of ${limits[name]}`)]
          : [],
      ),
    ),
  ];
}

/** The containers' sum with the sidecars', or what an init container needs at its time if that is more (AggregateContainerRequests). */
export function aggregate({ containers = [], initContainers = [] }: PodSpec, amountsOf: (container: Container) => Amounts | undefined): Record<string, string> {
  const sum: Record<string, string> = {};
  for (const container of containers) add(sum, amountsOf(container));
  const sidecars: Record<string, string> = {};
  const peak: Record<string, string> = {};
  for (const container of initContainers) {
    const own = { ...amountsOf(container) };
    if (container.restartPolicy === 'Always') {
      add(sum, own);
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      add(own, sidecars);
      raise(peak, own);
    }
  }
  raise(sum, peak);
  return sum;
}

function add(sum: Record<string, string>, more: Amounts = {}): void {
  for (const [name, amount] of Object.entries(more)) sum[name] = sum[name] === undefined ? amount : sumQuantities(sum[name], amount);
}

function raise(to: Record<string, string>, least: Amounts): void {
  for (const [name, amount] of Object.entries(least)) if (to[name] === undefined || compareQuantities(amount, to[name]) > 0) to[name] = amount;
}
