import { controllerOf, controllerRef, type Key, keyOf, same } from '../../object.ts';
import type { Change, State } from '../../projection/state.ts';
import type { Endpoint, EndpointSlice, Service } from '../../resources/generated/kinds.ts';
import type { Mutation } from '../../resources/mutation.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../mutations.ts';
import { type Backend, backendsOf, isManaged, servicesOfPod } from './service-backends.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const MAX_ENDPOINTS = 100;

/** Keeps the EndpointSlices of each Service that has a selector, at most 100 endpoints each (pkg/controller/endpointslice). */
export const endpointSliceController: Controller<Service> = {
  name: 'endpointslice-controller',
  resource: 'services',
  watches: { pods: servicesOfPod, 'endpointslices.discovery.k8s.io': serviceOfSlice, nodes: servicesOfNode },
  reconcile({ object: service, state }) {
    if (!isManaged(service) || service.metadata.deletionTimestamp) return nothing;
    const there = state
      .by<EndpointSlice>('owner', service.metadata.uid!)
      .filter(({ kind, metadata }) => kind === 'EndpointSlice' && metadata.labels?.[MANAGED_BY] === MANAGER)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const mutations: Mutation[] = [];
    const unused = new Set(there);
    for (const { ports, endpoints } of groupsOf(service, backendsOf(service, state))) {
      const slices = there.filter((slice) => unused.has(slice) && same(slice.ports ?? [], ports));
      for (const slice of slices) unused.delete(slice);
      mutations.push(...fill(service, { ports, endpoints, slices }));
    }
    for (const slice of unused) mutations.push(deletionOf('endpointslices.discovery.k8s.io', slice));
    return { mutations };
  },
};

type Ports = NonNullable<EndpointSlice['ports']>;

/** Backends that have the same numbers for the Service's ports share slices; a Service without any still has one, empty. */
function groupsOf(service: Service, backends: readonly Backend[]): { ports: Ports; endpoints: Endpoint[] }[] {
  const groups = new Map<string, { ports: Ports; endpoints: Endpoint[] }>();
  for (const backend of backends) {
    const ports = (service.spec?.ports ?? []).flatMap(({ name = '', protocol = 'TCP', appProtocol }, i) =>
      backend.ports[i] === undefined ? [] : [{ name, port: backend.ports[i]!, protocol, ...(appProtocol && { appProtocol }) }],
    );
    const id = JSON.stringify(ports);
    const group = groups.get(id) ?? { ports, endpoints: [] };
    groups.set(id, group);
    group.endpoints.push(endpointOf(service, backend));
  }
  return groups.size > 0 ? [...groups.values()] : [{ ports: [], endpoints: [] }];
}

/** Leaves endpoints in the slices where they are; what is new goes where there is room, then into new slices. */
function fill(service: Service, { ports, endpoints, slices }: { ports: Ports; endpoints: Endpoint[]; slices: EndpointSlice[] }): Mutation[] {
  const wanted = new Map(endpoints.map((endpoint) => [idOf(endpoint), endpoint]));
  const kept = slices.map((slice) => {
    const still: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const now = wanted.get(idOf(endpoint));
      if (!now) continue;
      still.push(same(now, endpoint) ? endpoint : now);
      wanted.delete(idOf(endpoint));
    }
    return { slice, endpoints: still };
  });
  const fresh = [...wanted.values()];
  const mutations: Mutation[] = [];
  let filled = 0;
  for (const { slice, endpoints: still } of kept) {
    still.push(...fresh.splice(0, MAX_ENDPOINTS - still.length));
    if (still.length === 0 && filled + fresh.length > 0) {
      mutations.push(deletionOf('endpointslices.discovery.k8s.io', slice));
      continue;
    }
    filled += still.length;
    if (!same(slice.endpoints ?? [], still)) mutations.push(updateTo('endpointslices.discovery.k8s.io', { ...slice, endpoints: still }));
  }
  while (fresh.length > 0 || kept.length + mutations.length === 0) {
    mutations.push(newSlice(service, { ports, endpoints: fresh.splice(0, MAX_ENDPOINTS) }));
  }
  return mutations;
}

function newSlice(service: Service, { ports, endpoints }: { ports: Ports; endpoints: Endpoint[] }): Mutation {
  const { name, namespace, labels } = service.metadata;
  const headless = service.spec?.clusterIP === 'None';
  const object: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace: namespace!,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER, ...(headless && { 'service.kubernetes.io/headless': '' }) },
      ownerReferences: [controllerRef(service)],
    },
    addressType: service.spec?.ipFamilies?.[0] ?? 'IPv4',
    ports,
    endpoints,
  };
  return { type: 'create', resource: 'endpointslices.discovery.k8s.io', object };
}

function endpointOf(service: Service, { pod, ip, node, ready, serving, terminating }: Backend): Endpoint {
  const { hostname, subdomain, nodeName } = pod.spec!;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace!, name: pod.metadata.name, uid: pod.metadata.uid! },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
}

const idOf = ({ targetRef, addresses }: Endpoint) => targetRef?.uid ?? addresses[0]!;

function serviceOfSlice({ object }: Change): Key[] {
  const owner = controllerOf(object);
  return owner?.kind === 'Service' ? [keyOf('services', object.metadata.namespace, owner.name)] : [];
}

/** A node's zone is part of its pods' endpoints. */
function servicesOfNode({ type, object, previous }: Change, state: State): Key[] {
  const zone = 'topology.kubernetes.io/zone';
  if (type !== 'DELETED' && previous && previous.metadata.labels?.[zone] === object.metadata.labels?.[zone]) return [];
  const namespaces = new Set(state.by('node', object.metadata.name).map(({ metadata }) => metadata.namespace));
  return state
    .list<Service>('services')
    .filter(({ metadata }) => namespaces.has(metadata.namespace))
    .map(({ metadata }) => keyOf('services', metadata.namespace, metadata.name));
}
