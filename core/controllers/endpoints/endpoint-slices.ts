import { creation, type Mutation } from '../../apis/mutation.ts';
import { controllerOf, controllerRef, type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import type { Endpoint, EndpointSlice, Node, Service } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { distribute } from './distribute.ts';
import { type Backend, backendsOf, isHeadless, isManaged, servicesOfPod } from './service-backends.ts';

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
  reconcile({ object: service, state }) {
    if (!isManaged(service) || service.metadata.deletionTimestamp) return nothing;
    const isOurs = (slice: EndpointSlice) => controllerOf(slice)?.uid === service.metadata.uid;
    const named = slicesNamedAfter(service.metadata, MANAGER, state);
    const there = named.filter(isOurs);
    const groups = groupsOf(service, backendsOf(service, state));
    const wanted: Wanted[] = [];
    for (const { ports, endpoints } of groups) {
      const slices = there.filter((slice) => same(slice.ports ?? [], ports));
      for (const { slice, endpoints: filled } of distribute(endpoints, slices)) wanted.push({ slice, ports, endpoints: filled });
    }
    // An earlier Service of that name, deleted without its dependents, has left its slices behind.
    const stale = named.filter((slice) => !isOurs(slice)).map((slice) => deletionOf(RESOURCE, slice));
    return { mutations: [...mutationsFor(service, wanted, there), ...stale] };
  },
};

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
function groupsOf(service: Service, backends: readonly Backend[]): { ports: Ports; endpoints: Endpoint[] }[] {
  const groups = new Map<string, { ports: Ports; endpoints: Endpoint[] }>();
  for (const backend of backends) {
    // A pod of a node that is gone will be gone, too.
    if (!backend.node && !service.spec!.publishNotReadyAddresses) continue;
    const id = backend.ports.join();
    let group = groups.get(id);
    if (!group) {
      group = { ports: portsOf(service, backend), endpoints: [] };
      groups.set(id, group);
    }
    group.endpoints.push(endpointOf(service, backend));
  }
  return [...groups.values()];
}

const portsOf = (service: Service, backend: Backend): Ports =>
  (service.spec?.ports ?? []).flatMap(({ name = '', protocol = 'TCP', appProtocol }, i) =>
    backend.ports[i] === undefined ? [] : [{ name, port: backend.ports[i]!, protocol, ...(appProtocol && { appProtocol }) }],
  );

/** Slices that nothing is left for take what would be new ones' part, before they go. A Service without any endpoints still has one slice. */
function mutationsFor(service: Service, wanted: readonly Wanted[], there: readonly EndpointSlice[]): Mutation[] {
  const kept = new Set(wanted.map(({ slice }) => slice));
  const unused = there.filter((slice) => !kept.has(slice));
  const placeholder: Wanted[] = wanted.length === 0 ? [{ slice: undefined, ports: [], endpoints: [] }] : [];
  const mutations: Mutation[] = [];
  for (const { slice = unused.shift(), ports, endpoints } of [...wanted, ...placeholder]) {
    if (!slice) mutations.push(creation(RESOURCE, newSlice(service, ports, endpoints)));
    else mutations.push(...updateOf(slice, { service, ports, endpoints }));
  }
  return [...mutations, ...unused.map((slice) => deletionOf(RESOURCE, slice))];
}

function updateOf(slice: EndpointSlice, { service, ports, endpoints }: { service: Service; ports: Ports; endpoints: readonly Endpoint[] }): Mutation[] {
  const labels = labelsOf(service);
  if (same(slice.endpoints ?? [], endpoints) && same(slice.ports ?? [], ports) && same(slice.metadata.labels, labels)) return [];
  return [updateTo(RESOURCE, { ...slice, metadata: { ...slice.metadata, labels }, ports, endpoints: [...endpoints] })];
}

const newSlice = (service: Service, ports: Ports, endpoints: readonly Endpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: '',
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace!,
    labels: labelsOf(service),
    ownerReferences: [controllerRef(service)],
  },
  addressType: service.spec?.ipFamilies?.[0] ?? 'IPv4',
  ports,
  endpoints: [...endpoints],
});

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {};
  return { ...labels, ...(isHeadless(service) && { [HEADLESS]: '' }), [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: MANAGER };
}

function endpointOf(service: Service, { pod, ip, node, ready, serving, terminating }: Backend): Endpoint {
  const { hostname, subdomain, nodeName } = pod.spec!;
  const zone = node?.metadata.labels?.[ZONE];
  return {
    addresses: [ip],
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

/** A node's zone is part of its pods' endpoints, and without it they have none. */
function servicesOfNode({ type, object, previous }: Change, state: State): Key[] {
  const zoneOf = (node: Node | undefined) => node?.metadata.labels?.[ZONE];
  if (type === 'MODIFIED' && zoneOf(previous) === zoneOf(object)) return [];
  const namespaces = new Set(state.by('node', object.metadata.name).map(({ metadata }) => metadata.namespace));
  return [...namespaces].flatMap((namespace) => state.list('services', namespace).map(({ metadata }) => keyOf('services', namespace, metadata.name)));
}
