import { aggregate } from '../apis/core/pod-resources.ts';
import { compareQuantities, MOST_MILLI, milliValue, value } from '../kube/quantity.ts';
import { aggregateTexts } from '../kube/status.ts';
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';

/**
 * Gives containers what the LimitRanges of their namespace say where they say nothing themselves, and refuses pods and claims that ask for more or less than
 * those allow (plugin/pkg/admission/limitranger). Only a new pod, or one that is resized, can be another one in that respect.
 */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(review) {
    const pod = podOf(review);
    if (!pod?.spec) return;
    for (const { spec } of rangesFor(review)) setDefaults(pod, spec?.limits ?? [], review);
  },
  validate(review) {
    const pod = podOf(review);
    const claim = pod ? undefined : writeTo(review, 'persistentvolumeclaims', 'CREATE', 'UPDATE')?.object;
    if (!pod?.spec && !claim?.spec) return;
    for (const { spec } of rangesFor(review)) {
      const limits = spec?.limits ?? [];
      const errors = limits.flatMap(pod ? (item) => podErrors(pod, item) : (item) => claimErrors(claim!, item));
      if (errors.length > 0) throw refusal(review, aggregateTexts(errors));
    }
  },
};

function podOf(review: AdmissionReview): Pod | undefined {
  const { resource, operation, subresource, object } = review;
  if (resource.groupResource !== 'pods') return undefined;
  return (operation === 'CREATE' && subresource === undefined) || (operation === 'UPDATE' && subresource === 'resize') ? (object as Pod) : undefined;
}

/** In the order of their names. What is being deleted may be written as it is. */
const rangesFor = ({ state, namespace, old }: AdmissionReview) => (old?.metadata.deletionTimestamp ? [] : state.list('limitranges', namespace));

type Amounts = Readonly<Record<string, string>>;

interface Requirements {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** What the defaults of one LimitRange are set to is told in an annotation; that of a later one replaces it. A resize changes no annotations. */
function setDefaults({ metadata, spec }: Pod, limits: readonly LimitRangeItem[], { operation }: AdmissionReview): void {
  const given: Requirements = { requests: defaultsOf(limits, 'defaultRequest'), limits: defaultsOf(limits, 'default') };
  const set = [
    ...(spec!.containers ?? []).flatMap((container) => completed(container, given, 'container')),
    ...(spec!.initContainers ?? []).flatMap((container) => completed(container, given, 'init container')),
  ];
  if (set.length > 0 && operation === 'CREATE') metadata.annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${set.join('; ')}` };
}

const defaultsOf = (limits: readonly LimitRangeItem[], field: 'default' | 'defaultRequest'): Amounts =>
  Object.assign({}, ...limits.map((item) => (item.type === 'Container' ? item[field] : undefined)));

/** Sets what a container leaves out, and tells of it in Kubernetes' words. */
function completed(container: Container, given: Requirements, as: string): string[] {
  return (['requests', 'limits'] as const).flatMap((field) => {
    const own = container.resources?.[field] ?? {};
    const missing = Object.keys(given[field]).filter((name) => !Object.hasOwn(own, name));
    if (missing.length === 0) return [];
    container.resources = { ...container.resources, [field]: { ...given[field], ...own } };
    return [`${missing.sort().join(', ')} ${field === 'requests' ? 'request' : 'limit'} for ${as} ${container.name}`];
  });
}

function podErrors(pod: Pod, item: LimitRangeItem): string[] {
  const { containers = [], initContainers = [] } = pod.spec!;
  if (item.type === 'Pod') return requirementErrors(requirementsOf(pod), item);
  if (item.type !== 'Container') return [];
  const errors: string[] = [];
  for (const { resources } of [...containers, ...initContainers]) {
    errors.push(...requirementErrors({ requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }, item));
    if (errors.length > ENOUGH) break;
  }
  return errors;
}

/** More than a message holds: a pod may have thousands of containers, and a LimitRange thousands of bounds. */
const ENOUGH = 1_000;

/** Of a pod as a whole: its containers together, unless it says so itself (podRequests, podLimits). */
function requirementsOf({ spec }: Pod): Requirements {
  const total = (field: 'requests' | 'limits') => ({
    ...aggregate(spec!, ({ resources }) => resources?.[field]),
    ...podWide(spec!.resources?.[field]),
  });
  return { requests: total('requests'), limits: total('limits') };
}

const podWide = ({ cpu, memory }: Amounts = {}): Amounts => ({ ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) });

const requirementErrors = (asked: Requirements, item: LimitRangeItem): string[] => [
  ...check(item.min, (name, bound) => belowMinimum(asked, { type: item.type, name, bound })),
  ...check(item.max, (name, bound) => aboveMaximum(asked, { type: item.type, name, bound })),
  ...check(item.maxLimitRequestRatio, (name, bound) => aboveRatio(asked, { type: item.type, name, bound })),
];

/** The size of a claim is what it requests; limits mean nothing to it. */
function claimErrors({ spec }: PersistentVolumeClaim, { type, min, max }: LimitRangeItem): string[] {
  if (type !== 'PersistentVolumeClaim') return [];
  const requests = spec?.resources?.requests ?? {};
  return [
    ...check(min, (name, bound) => belowMinimum({ requests, limits: {} }, { type, name, bound })),
    ...check(max, (name, bound) => {
      const most = `maximum ${name} usage per ${type} is ${bound}`;
      const request = requests[name];
      if (request === undefined) return `${most}.  No request is specified`;
      return compareQuantities(request, bound) > 0 ? `${most}, but request is ${request}` : undefined;
    }),
  ];
}

/** Kubernetes goes through them in the order of a Go map. */
const check = (bounds: Amounts = {}, errorOf: (name: string, bound: string) => string | undefined): string[] =>
  Object.keys(bounds)
    .sort()
    .flatMap((name) => errorOf(name, bounds[name]!) ?? []);

interface Bound {
  readonly type: string;
  /** Of the resource. */
  readonly name: string;
  readonly bound: string;
}

function belowMinimum({ requests, limits }: Requirements, { type, name, bound }: Bound): string | undefined {
  const least = `minimum ${name} usage per ${type} is ${bound}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return `${least}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${least}, but request is ${request}`;
  return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${least}, but limit is ${limit}` : undefined;
}

function aboveMaximum({ requests, limits }: Requirements, { type, name, bound }: Bound): string | undefined {
  const most = `maximum ${name} usage per ${type} is ${bound}`;
  const [request, limit] = [requests[name], limits[name]];
  if (limit === undefined) return `${most}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${most}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, bound) > 0 ? `${most}, but request is ${request}` : undefined;
}

function aboveRatio({ requests, limits }: Requirements, { type, name, bound }: Bound): string | undefined {
  const most = `${name} max limit to request ratio per ${type} is ${bound}`;
  const [request = '0', limit = '0'] = [requests[name], limits[name]];
  if (compareQuantities(request, '0') === 0) return `${most}, but no request is specified or request is 0`;
  if (compareQuantities(limit, '0') === 0) return `${most}, but no limit is specified or limit is 0`;
  const amount = [request, limit].every((quantity) => value(quantity) <= MOST_MILLI) ? milliValue : value;
  const ratio = amount(limit) / amount(request);
  return ratio * 1000 > milliValue(bound) ? `${most}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
