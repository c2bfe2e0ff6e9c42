import { hasServiceAddress, rangeOf } from '../../apis/core/service-ranges.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf, timestamp } from '../../kube/object.ts';
import type { ServiceCIDR } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { isAllocated } from './ip-addresses.ts';

const RESOURCE = 'servicecidrs.networking.k8s.io';
const ADDRESSES = 'ipaddresses.networking.k8s.io';
const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

/**
 * Says that a range of addresses is ready, and lets it go once no address needs it (pkg/controller/servicecidrs). Kubernetes waits ten seconds more, until its allocators have heard of it;
 * here an address is allocated on the state that the deletion is in.
 */
export const serviceCIDRController: Controller<ServiceCIDR> = {
  name: 'service-cidrs-controller',
  resource: RESOURCE,
  watches: {
    [RESOURCE]: (_change, state) => deleted(state),
    [ADDRESSES]: ({ type }, state) => (type === 'DELETED' ? deleted(state) : []),
  },
  reconcile({ object: range, state, now }) {
    if (!range) return nothing;
    if (range.metadata.deletionTimestamp) {
      if (isNeeded(range, state)) return { mutations: condition(range, TERMINATING, timestamp(now)) };
      return hasFinalizer(range, FINALIZER) ? { mutations: [updateTo(RESOURCE, withoutFinalizer(range, FINALIZER))] } : nothing;
    }
    const held: Mutation[] = hasFinalizer(range, FINALIZER) ? [] : [updateTo(RESOURCE, withFinalizer(range, FINALIZER))];
    return { mutations: [...held, ...condition(range, READY, timestamp(now))] };
  },
};

const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const TERMINATING = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

function condition(range: ServiceCIDR, wanted: typeof READY, now: string): Mutation[] {
  const before = range.status?.conditions?.find(({ type }) => type === wanted.type);
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime! : now;
  const others = (range.status?.conditions ?? []).filter(({ type }) => type !== wanted.type);
  return statusUpdate(RESOURCE, range, { conditions: [...others, { ...wanted, lastTransitionTime }] });
}

const deleted = (state: State): Key[] =>
  state
    .list(RESOURCE)
    .filter(({ metadata }) => metadata.deletionTimestamp)
    .map(({ metadata }) => keyOf(RESOURCE, undefined, metadata.name));

/** An address of the allocator's lies in it, and in no range that stays: one that a user made holds none back (canDeleteCIDR). */
function isNeeded(range: ServiceCIDR, state: State): boolean {
  const others = state.list(RESOURCE).filter(({ metadata }) => metadata.name !== range.metadata.name && !metadata.deletionTimestamp);
  return state
    .list(ADDRESSES)
    .some((address) => isAllocated(address) && contains(range, address.metadata.name) && !others.some((other) => contains(other, address.metadata.name)));
}

/** The address of a network, and that of its broadcasts, is in none: no Service gets it (pkg/api/servicecidr, PrefixContainsIP). */
const contains = ({ spec }: ServiceCIDR, address: string): boolean =>
  (spec?.cidrs ?? []).some((cidr) => {
    const range = rangeOf(cidr);
    return range !== undefined && hasServiceAddress(range, address);
  });
