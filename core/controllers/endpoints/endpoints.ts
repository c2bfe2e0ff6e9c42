import { creation } from '../../apis/mutation.ts';
import { type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Pod, Service } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { type Backend, backendsOf, isHeadless, isManaged, servicesOfPod } from './service-backends.ts';
import { triggerTime, withTriggerTime } from './trigger-time.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const HEADLESS = 'service.kubernetes.io/headless';
const CAPACITY = 1000;

/** Keeps the Endpoints object of each Service that has a selector (pkg/controller/endpoint). Deprecated in Kubernetes, and still read by many. */
export const endpointsController: Controller<Service> = {
  name: 'endpoint-controller',
  resource: 'services',
  primaries: servicesAndLeftovers,
  watches: {
    pods: servicesOfPod,
    endpoints: ({ object }) => serviceOf(object),
  },
  reconcile({ key, object: service, state }) {
    const [, namespace, name] = key.split('/') as [string, string, string];
    const there = state.get('endpoints', namespace, name);
    if (!isManaged(service)) {
      const ours = there?.metadata.labels?.[MANAGED_BY] !== undefined;
      return !service && there && ours ? { mutations: [deletionOf('endpoints', there)] } : nothing;
    }
    const backends = backendsOf(service, state).filter((backend) => isInEndpoints(service, backend));
    const { [OVER_CAPACITY]: _, ...annotations } = there?.metadata.annotations ?? {};
    if (backends.length > CAPACITY) Object.assign(annotations, { [OVER_CAPACITY]: 'truncated' });
    const { [HEADLESS]: _h, ...own } = service.metadata.labels ?? {};
    const labels = { ...own, [MANAGED_BY]: 'endpoint-controller', ...(isHeadless(service) && { [HEADLESS]: '' }) };
    const subsets = subsetsOf(service, truncated(backends));
    const { annotations: _a, ...metadata } = there?.metadata ?? {};
    const noted = withTriggerTime(annotations, triggerTime(service, changedSince(there, backends), !there));
    const wanted: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, name, namespace, labels, ...(noted && { annotations: noted }) },
      ...(subsets.length > 0 && { subsets }),
    };
    if (!there) return { mutations: [creation('endpoints', wanted)] };
    const isCapacityNoted = there.metadata.annotations?.[OVER_CAPACITY] === annotations[OVER_CAPACITY];
    const unchanged = same(there.subsets, wanted.subsets) && same(there.metadata.labels, labels) && isCapacityNoted;
    return unchanged ? nothing : { mutations: [updateTo('endpoints', wanted)] };
  },
};

/** The pods that are not there yet as they are now. */
function changedSince(there: Endpoints | undefined, backends: readonly Backend[]): Pod[] {
  const ready = new Map<string | undefined, boolean>();
  for (const { addresses = [], notReadyAddresses = [] } of there?.subsets ?? []) {
    for (const { targetRef } of notReadyAddresses) ready.set(targetRef?.uid, false);
    for (const { targetRef } of addresses) ready.set(targetRef?.uid, true);
  }
  return backends.filter((backend) => ready.get(backend.pod.metadata.uid) !== backend.ready).map(({ pod }) => pod);
}

const serviceOf = ({ metadata: { labels, namespace, name } }: KubeObject): Key[] => (labels?.[MANAGED_BY] ? [keyOf('services', namespace, name)] : []);

/** With nothing known: also Services that are gone, and have left their Endpoints behind (checkLeftoverEndpoints). */
function* servicesAndLeftovers(state: State): Generator<Key> {
  for (const { metadata } of state.list('services')) yield keyOf('services', metadata.namespace, metadata.name);
  for (const endpoints of state.list('endpoints')) yield* serviceOf(endpoints);
}

/** Pods on their way out are not, unless the Service wants all. Nor are those that have none of its ports. */
const isInEndpoints = ({ spec }: Service, { ip, terminating, ports }: Backend): boolean =>
  ip !== undefined && (!terminating || spec?.publishNotReadyAddresses === true) && (ports.length === 0 || ports.some((port) => port !== undefined));

/** Ready ones first, when there are too many. */
const truncated = (backends: readonly Backend[]): readonly Backend[] =>
  backends.length <= CAPACITY ? backends : [...backends.filter(({ ready }) => ready), ...backends.filter(({ ready }) => !ready)].slice(0, CAPACITY);

/** RepackSubsets: addresses with the same ports stand in one subset. */
function subsetsOf(service: Service, backends: readonly Backend[]): EndpointSubset[] {
  const subsets = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const backend of backends) {
    const ports = portsOf(service, backend);
    const id = JSON.stringify(ports);
    const subset = subsets.get(id) ?? { ports, ready: [], notReady: [] };
    subsets.set(id, subset);
    (backend.ready ? subset.ready : subset.notReady).push(addressOf(service, backend));
  }
  return [...subsets.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length > 0 && { addresses: ready.sort(byIp) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(byIp) }),
    ...(ports.length > 0 && { ports }),
  }));
}

const portsOf = (service: Service, { ports }: Backend): EndpointPort[] =>
  (service.spec?.ports ?? []).flatMap(({ name, protocol = 'TCP', appProtocol }, i) =>
    ports[i] === undefined ? [] : [{ ...(name && { name }), port: ports[i]!, protocol, ...(appProtocol && { appProtocol }) }],
  );

function addressOf(service: Service, { pod, ip }: Backend): EndpointAddress {
  const { hostname, subdomain, nodeName } = pod.spec!;
  return {
    ip: ip!,
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace!, name: pod.metadata.name, uid: pod.metadata.uid! },
  };
}

const byIp = (a: EndpointAddress, b: EndpointAddress) => (a.ip < b.ip ? -1 : 1);
