import { creation, type Mutation } from '../../apis/mutation.ts';
import { parseIp } from '../../apis/networking/cidr.ts';
import { controllerRef, type Key, keyOf, parseKey, same } from '../../kube/object.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Endpoint, EndpointAddress, EndpointSlice, EndpointSubset, Endpoints, Service } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { MANAGED_BY, SERVICE_NAME, slicesNamedAfter } from './endpoint-slices.ts';
import { portsInOrder } from './ports-in-order.ts';
import { TRIGGER_TIME } from './trigger-time.ts';

const RESOURCE = 'endpointslices.discovery.k8s.io';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** Annotations of Endpoints that are of no use to a slice. */
const NOT_MIRRORED = [TRIGGER_TIME, 'kubectl.kubernetes.io/last-applied-configuration'];
/** Of one subset (`--mirroring-max-endpoints-per-subset`). */
const CAPACITY = 1000;

/**
 * Shows the Endpoints that a user keeps for a Service without a selector as EndpointSlices, which is what is read of a Service today
 * (pkg/controller/endpointslicemirroring).
 */
export const endpointSliceMirroringController: Controller<Endpoints> = {
  name: 'endpointslicemirroring-controller',
  resource: 'endpoints',
  watches: { services: ({ object }) => [endpointsKey(object.metadata)], [RESOURCE]: ({ object }) => endpointsOfSlice(object) },
  reconcile({ key, object: endpoints, state, now, env }) {
    const { namespace, name } = parseKey(key);
    const there = slicesNamedAfter({ name, ...(namespace && { namespace }) }, MANAGER, state);
    if (!endpoints || !isMirrored(endpoints, state.get('services', namespace, name))) {
      return there.length ? { mutations: there.map((slice) => deletionOf(RESOURCE, slice)) } : nothing;
    }
    const groups = groupsOf(endpoints.subsets ?? []);
    const mutations = mutationsFor(endpoints, groups, there);
    const recorder = new EventRecorder({ state, component: 'endpoint-slice-mirroring-controller', now, env });
    const skipped = groups.reduce((sum, group) => sum + group.skipped, 0);
    if (skipped > 0 && mutations.length > 0) {
      const message = `A max of ${CAPACITY} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      recorder.warning(endpoints, 'TooManyAddressesToMirror', message);
    }
    return { mutations: [...mutations, ...recorder.mutations()] };
  },
};

const endpointsKey = ({ namespace, name }: { namespace?: string; name: string }): Key => keyOf('endpoints', namespace, name);

function endpointsOfSlice({ metadata: { namespace, labels } }: EndpointSlice): Key[] {
  const name = labels?.[SERVICE_NAME];
  return name !== undefined && labels?.[MANAGED_BY] === MANAGER ? [endpointsKey({ name, ...(namespace && { namespace }) })] : [];
}

const isMirrored = ({ metadata: { labels, annotations } }: Endpoints, service: Service | undefined): boolean =>
  service !== undefined && Object.keys(service.spec?.selector ?? {}).length === 0 && labels?.[SKIP_MIRROR] !== 'true' && annotations?.[LEADER] === undefined;

/** What one slice is to hold. */
interface Group {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: NonNullable<EndpointSlice['ports']>;
  readonly endpoints: readonly Endpoint[];
  readonly skipped: number;
}

function groupsOf(subsets: readonly EndpointSubset[]): Group[] {
  return repacked(subsets).flatMap(({ ports, addresses }) =>
    ([4, 6] as const).flatMap((family) => {
      const all = addresses.filter(({ address }) => parseIp(address.ip)?.family === family).map(endpointOf);
      if (!all.length) return [];
      return [{ addressType: `IPv${family}` as const, ports: portsOf(ports), endpoints: all.slice(0, CAPACITY), skipped: Math.max(0, all.length - CAPACITY) }];
    }),
  );
}

type Ports = NonNullable<EndpointSubset['ports']>;

interface Ready {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

/** RepackSubsets: the ports of the same addresses stand together. An address that is not ready in one subset is not ready for its ports. */
function repacked(subsets: readonly EndpointSubset[]): { ports: Ports; addresses: Ready[] }[] {
  const byPort = new Map<string, { ports: Ports; addresses: Map<string, Ready> }>();
  for (const { ports = [], addresses = [], notReadyAddresses = [] } of subsets) {
    for (const own of ports.length ? ports.map((port) => [port]) : [[]]) {
      const id = JSON.stringify(own);
      const group = byPort.get(id) ?? { ports: own, addresses: new Map<string, Ready>() };
      byPort.set(id, group);
      for (const address of addresses) if (!group.addresses.has(idOf(address))) group.addresses.set(idOf(address), { address, ready: true });
      for (const address of notReadyAddresses) group.addresses.set(idOf(address), { address, ready: false });
    }
  }
  const groups = Map.groupBy(byPort.values(), ({ addresses }) => JSON.stringify([...addresses].map(([id, { ready }]) => [id, ready]).sort()));
  return [...groups.values()].map((same) => ({ ports: same.flatMap(({ ports }) => ports), addresses: [...same[0]!.addresses.values()] }));
}

const idOf = ({ ip, targetRef }: EndpointAddress): string => `${ip} ${targetRef?.uid ?? ''}`;

const portsOf = (ports: Ports): NonNullable<EndpointSlice['ports']> =>
  portsInOrder(ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({ name, port, protocol, ...(appProtocol && { appProtocol }) })));

const endpointOf = ({ address: { ip, hostname, nodeName, targetRef }, ready }: Ready): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(targetRef && { targetRef }),
  ...(nodeName && { nodeName }),
});

/** Each group has one slice: the one that has its ports already, or else one that is left over. */
function mutationsFor(endpoints: Endpoints, groups: readonly Group[], there: readonly EndpointSlice[]): Mutation[] {
  const unused = new Set(there);
  const take = (fits: (slice: EndpointSlice) => boolean) => {
    const found = [...unused].find(fits);
    if (found) unused.delete(found);
    return found;
  };
  const kept = groups.map(({ addressType, ports }) => take((slice) => slice.addressType === addressType && same(slice.ports ?? [], ports)));
  const mutations = groups.flatMap((group, i): Mutation[] => {
    const slice = kept[i] ?? take(({ addressType }) => addressType === group.addressType);
    return slice ? updateOf(slice, endpoints, group) : [creation(RESOURCE, newSlice(endpoints, group))];
  });
  return [...mutations, ...[...unused].map((slice) => deletionOf(RESOURCE, slice))];
}

function updateOf(slice: EndpointSlice, endpoints: Endpoints, { ports, endpoints: held }: Group): Mutation[] {
  const { annotations: _, ...metadata } = slice.metadata;
  const wanted: EndpointSlice = { ...slice, metadata: { ...metadata, ...mirroredMetadata(endpoints) }, ports, endpoints: [...held] };
  return same(slice, wanted) ? [] : [updateTo(RESOURCE, wanted)];
}

const newSlice = (endpoints: Endpoints, { addressType, ports, endpoints: held }: Group): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: '',
    generateName: `${endpoints.metadata.name}-`,
    namespace: endpoints.metadata.namespace!,
    ...mirroredMetadata(endpoints),
    ownerReferences: [controllerRef(endpoints)],
  },
  addressType,
  ports,
  endpoints: [...held],
});

function mirroredMetadata({ metadata }: Endpoints): Pick<EndpointSlice['metadata'], 'labels' | 'annotations'> {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_MIRRORED.includes(name));
  return {
    labels: { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: MANAGER },
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
  };
}
