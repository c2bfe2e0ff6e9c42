import { creation, type Mutation } from '../../apis/mutation.ts';
import { controllerOf, controllerRef, type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Endpoint, EndpointSlice, Node, Service } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { distribute } from './distribute.ts';
import { portsInOrder } from './ports-in-order.ts';
import { type Backend, backendsOf, familiesOf, isHeadless, isManaged, isOfFamily, servicesOfPod } from './service-backends.ts';
import { allotted, capacityOf, isTopologyAware, zoneCapacity } from './topology-hints.ts';
import { withNearbyHints } from './traffic-distribution.ts';
import { TRIGGER_TIME, triggerTime, withTriggerTime } from './trigger-time.ts';

const RESOURCE = 'endpointslices.discovery.k8s.io';
export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';
const MANAGER = 'endpointslice-controller.k8s.io';
const ZONE = 'topology.kubernetes.io/zone';

/** Keeps the EndpointSlices of each Service that has a selector, at most 100 endpoints each (k8s.io/endpointslice, reconciler.go). */
export const endpointSliceController: Controller<Service> = {
  name: 'endpointslice-controller',
  resource: 'services',
  watches: { pods: servicesOfPod, [RESOURCE]: serviceOfSlice, nodes: servicesOfNode },
  reconcile(context) {
    const { object: service, state } = context;
    if (!isManaged(service) || service.metadata.deletionTimestamp) return nothing;
    const isOurs = (slice: EndpointSlice) => controllerOf(slice)?.uid === service.metadata.uid;
    const named = slicesNamedAfter(service.metadata, MANAGER, state);
    const there = named.filter((slice) => isOurs(slice) && familiesOf(service).includes(slice.addressType as 'IPv4'));
    const backends = backendsOf(service, state);
    const recorder = new EventRecorder({ state, component: 'endpoint-slice-controller', now: context.now, env: context.env });
    const mutations = familiesOf(service).flatMap((family) => {
      const ofFamily = there.filter(({ addressType }) => addressType === family);
      return slicesOf(service, { family, backends, there: ofFamily, state, recorder });
    });
    // An earlier Service of that name, deleted without its dependents, has left its slices behind; others are of a family that the Service has no more.
    const stale = named.filter((slice) => !there.includes(slice)).map((slice) => deletionOf(RESOURCE, slice));
    return { mutations: [...mutations, ...stale, ...recorder.mutations()] };
  },
};

interface Slicing {
  readonly family: Family;
  readonly backends: readonly Backend[];
  readonly there: readonly EndpointSlice[];
  readonly state: State;
  readonly recorder: EventRecorder;
}

type Family = 'IPv4' | 'IPv6';

function slicesOf(service: Service, { family, backends, there, state, recorder }: Slicing): Mutation[] {
  const groups = groupsOf(service, backends, family);
  const all = groups.flatMap(({ endpoints }) => endpoints);
  const { endpoints: withTheirs, said } = withHints(service, all, { there, state });
  const hinted = new Map(all.map((endpoint, i) => [endpoint, withTheirs[i]!]));
  const wanted: Wanted[] = [];
  for (const { ports, endpoints } of groups) {
    const slices = there.filter((slice) => same(slice.ports ?? [], ports));
    const filled = distribute(
      endpoints.map((endpoint) => hinted.get(endpoint)!),
      slices,
    );
    for (const { slice, endpoints: held } of filled) wanted.push({ slice, ports, endpoints: held });
  }
  const written = new Map(there.flatMap(({ endpoints }) => endpoints ?? []).map((endpoint) => [endpoint.targetRef?.uid, endpoint]));
  const changed = backends.filter(({ pod, ready, serving, terminating }) => !same(written.get(pod.metadata.uid)?.conditions, { ready, serving, terminating }));
  const time = triggerTime(
    service,
    changed.map(({ pod }) => pod),
    there.length === 0,
  );
  const mutations = mutationsFor(service, { wanted, there, family, time });
  // It is told with what is written, not with each look.
  if (said && mutations.length > 0) recorder.record({ regarding: service, ...said, message: `${said.message}, addressType: ${family}` });
  return mutations;
}

interface Hinted {
  readonly endpoints: readonly Endpoint[];
  readonly said?: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
}

/** Which clients each endpoint is for: those nearby, or those of a share of the zones; said is when that begins, and why it cannot be. */
function withHints(service: Service, endpoints: readonly Endpoint[], { there, state }: Pick<Slicing, 'there' | 'state'>): Hinted {
  if (!isTopologyAware(service)) return { endpoints: withNearbyHints(endpoints, service.spec?.trafficDistribution) };
  const found = allotted(endpoints, state.view(zoneCapacity));
  if (found.type === 'impossible') {
    return { endpoints: withNearbyHints(endpoints, undefined), said: { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: found.why } };
  }
  const had = there.some((slice) => slice.endpoints?.some(({ hints }) => hints));
  const enabled = { type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: 'Topology Aware Hints has been enabled' } as const;
  return { endpoints: found.endpoints, ...(!had && { said: enabled }) };
}

/** All slices that clients take for those of a Service, by the label that they look at, and that one controller manages; in the order of their names. */
export function slicesNamedAfter({ namespace, name }: Pick<KubeObject['metadata'], 'namespace' | 'name'>, manager: string, state: State): EndpointSlice[] {
  return state.by(slicesByService, `${namespace}/${name}`).filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === manager);
}

const slicesByService = index([RESOURCE], (_key, { metadata: { namespace, labels } }) => {
  const service = labels?.[SERVICE_NAME];
  return service === undefined ? [] : [`${namespace}/${service}`];
});

type Ports = NonNullable<EndpointSlice['ports']>;

/** What a slice is to hold; without a `slice`, a new one. */
interface Wanted {
  readonly slice: EndpointSlice | undefined;
  readonly ports: Ports;
  readonly endpoints: readonly Endpoint[];
}

/** Backends that have the same numbers for the Service's ports share slices. */
function groupsOf(service: Service, backends: readonly Backend[], family: Family): { ports: Ports; endpoints: Endpoint[] }[] {
  const groups = new Map<string, { ports: Ports; endpoints: Endpoint[] }>();
  for (const backend of backends) {
    const addresses = backend.ips.filter((ip) => isOfFamily(ip, family));
    // A pod of a node that is gone will be gone, too.
    if (addresses.length === 0 || (!backend.node && !service.spec!.publishNotReadyAddresses)) continue;
    const id = backend.ports.join();
    let group = groups.get(id);
    if (!group) {
      group = { ports: portsOf(service, backend), endpoints: [] };
      groups.set(id, group);
    }
    group.endpoints.push(endpointOf(service, backend, addresses));
  }
  return [...groups.values()];
}

const portsOf = (service: Service, backend: Backend): Ports =>
  portsInOrder(
    (service.spec?.ports ?? []).flatMap(({ name = '', protocol = 'TCP', appProtocol }, i) =>
      backend.ports[i] === undefined ? [] : [{ name, port: backend.ports[i]!, protocol, ...(appProtocol && { appProtocol }) }],
    ),
  );

interface Slices {
  readonly wanted: readonly Wanted[];
  readonly there: readonly EndpointSlice[];
  readonly family: Family;
  /** When the earliest of what is written now came about. */
  readonly time: string | undefined;
}

/** Slices that nothing is left for take what would be new ones' part, before they go. A Service without any endpoints still has one slice. */
function mutationsFor(service: Service, { wanted, there, family, time }: Slices): Mutation[] {
  const kept = new Set(wanted.map(({ slice }) => slice));
  const unused = there.filter((slice) => !kept.has(slice));
  const placeholder: Wanted[] = wanted.length === 0 ? [{ slice: undefined, ports: [], endpoints: [] }] : [];
  const mutations: Mutation[] = [];
  for (const { slice = unused.shift(), ports, endpoints } of [...wanted, ...placeholder]) {
    if (!slice) mutations.push(creation(RESOURCE, newSlice(service, { ports, endpoints, family, time })));
    else mutations.push(...updateOf(slice, { service, ports, endpoints, time }));
  }
  return [...mutations, ...unused.map((slice) => deletionOf(RESOURCE, slice))];
}

interface Contents {
  readonly ports: Ports;
  readonly endpoints: readonly Endpoint[];
  readonly time: string | undefined;
}

function updateOf(slice: EndpointSlice, { service, ports, endpoints, time }: Contents & { service: Service }): Mutation[] {
  const labels = labelsOf(service);
  if (same(slice.endpoints ?? [], endpoints) && same(slice.ports ?? [], ports) && same(slice.metadata.labels, labels)) return [];
  const { annotations: before, ...metadata } = slice.metadata;
  const annotations = withTriggerTime(before, time);
  return [updateTo(RESOURCE, { ...slice, metadata: { ...metadata, labels, ...(annotations && { annotations }) }, ports, endpoints: [...endpoints] })];
}

const newSlice = (service: Service, { ports, endpoints, family, time }: Contents & { family: Family }): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: '',
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace!,
    labels: labelsOf(service),
    ...(time && { annotations: { [TRIGGER_TIME]: time } }),
    ownerReferences: [controllerRef(service)],
  },
  addressType: family,
  ports,
  endpoints: [...endpoints],
});

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {};
  return { ...labels, ...(isHeadless(service) && { [HEADLESS]: '' }), [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: MANAGER };
}

function endpointOf(service: Service, { pod, node, ready, serving, terminating }: Backend, addresses: string[]): Endpoint {
  const { hostname, subdomain, nodeName } = pod.spec!;
  const zone = node?.metadata.labels?.[ZONE];
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace!, name: pod.metadata.name, uid: pod.metadata.uid! },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
}

function serviceOfSlice({ object }: Change): Key[] {
  const owner = controllerOf(object);
  return owner?.kind === 'Service' ? [keyOf('services', object.metadata.namespace, owner.name)] : [];
}

/** A node's zone is part of its pods' endpoints, and without it they have none. What a zone has room for matters to the Services that go by that. */
function servicesOfNode({ type, object, previous }: Change<Node>, state: State): Key[] {
  const zoneOf = (node: Node | undefined) => node?.metadata.labels?.[ZONE];
  const before = previous && type !== 'DELETED' ? capacityOf(previous) : undefined;
  const byCapacity = type === 'MODIFIED' && same(before, capacityOf(object)) ? [] : state.keys(topologyAware, '');
  if (type === 'MODIFIED' && zoneOf(previous) === zoneOf(object)) return [...byCapacity];
  const namespaces = new Set(state.by('node', object.metadata.name).map(({ metadata }) => metadata.namespace));
  const withPods = [...namespaces].flatMap((namespace) => state.list('services', namespace).map(({ metadata }) => keyOf('services', namespace, metadata.name)));
  return [...byCapacity, ...withPods];
}

const topologyAware = index(['services'], (_key, service) => (isTopologyAware(service) ? [''] : []));
