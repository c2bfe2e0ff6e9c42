import { creation, type Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { IPAddress, Service } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf } from '../shared/mutations.ts';

const RESOURCE = 'ipaddresses.networking.k8s.io';
export const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';
export const ALLOCATOR = 'ipallocator.k8s.io';

/**
 * Keeps an IPAddress for each address of a Service, and none of the allocator's that no Service has (pkg/registry/core/service/ipallocator, and its repair
 * loop). Which addresses are taken is known without them (`apis/core/service-allocation.ts`); one that a user made keeps its address from Services.
 */
export const ipAddressController: Controller<IPAddress> = {
  name: 'service-ip-repair-controller',
  actor: userNamed('system:apiserver'),
  resource: RESOURCE,
  watches: { services: ({ object, previous }) => [...new Set([...addressesOf(object), ...(previous ? addressesOf(previous) : [])])].map(keyOfAddress) },
  primaries: (state) =>
    [...new Set([...state.list(RESOURCE).map(({ metadata }) => metadata.name), ...state.list('services').flatMap(addressesOf)])].map(keyOfAddress),
  reconcile({ key, object: known, state }) {
    const address = parseKey(key).name;
    const [service] = state.by(servicesByClusterIP, address);
    const isParent = service && known?.spec?.parentRef?.name === service.metadata.name && known.spec.parentRef.namespace === service.metadata.namespace;
    if (known && (isParent || !isAllocated(known))) return nothing;
    const mutations: Mutation[] = known ? [deletionOf(RESOURCE, known)] : [];
    if (service) mutations.push(creation(RESOURCE, ipAddressOf(address, service)));
    return { mutations };
  },
};

/** Whether an address is kept for a Service, and not made by a user. */
export const isAllocated = ({ metadata }: IPAddress): boolean => metadata.labels?.[MANAGED_BY] === ALLOCATOR;

const keyOfAddress = (address: string): Key => keyOf(RESOURCE, undefined, address);

const addressesOf = ({ spec }: Service): string[] => spec?.clusterIPs?.filter((address) => address !== 'None') ?? [];

const servicesByClusterIP = index(['services'], (_key, service) => addressesOf(service));

const ipAddressOf = (name: string, { metadata }: Service): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { name, labels: { [FAMILY]: name.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY]: ALLOCATOR } },
  spec: { parentRef: { resource: 'services', namespace: metadata.namespace!, name: metadata.name } },
});
