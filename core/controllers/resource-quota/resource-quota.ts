import { type Amounts, amountOf } from '../../admission/resource-quota/amounts.ts';
import { nextRelease, pods } from '../../admission/resource-quota/pods.ts';
import { withUsed } from '../../admission/resource-quota/resource-quota.ts';
import { takesOtherwise, usedOf } from '../../admission/resource-quota/used.ts';
import { type Key, type KubeObject, keyOf, parseKey, same } from '../../kube/object.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';

/**
 * Tells in the status of quotas what is given back: by what was deleted, has ended, or takes less (pkg/controller/resourcequota). What is taken, admission has told
 * already, with the write itself; nothing is allowed or refused by this status.
 */
export const resourceQuotaController: Controller<ResourceQuota> = {
  name: 'resourcequota-controller',
  resource: 'resourcequotas',
  watches: {
    '*': (change, state) => {
      const quotas = quotasOf(change, state);
      return quotas.length > 0 && givesBack(change) ? quotas.map(keyOfQuota) : [];
    },
    // What is not served has no count; what a class stands for has one by another name.
    'customresourcedefinitions.apiextensions.k8s.io': (_change, state) => state.list('resourcequotas').map(keyOfQuota),
    'deviceclasses.resource.k8s.io': (_change, state) => state.list('resourcequotas').map(keyOfQuota),
  },
  reconcile({ object: quota, state, now }) {
    if (!quota || quota.metadata.deletionTimestamp) return nothing;
    const { metadata, spec: { hard = {} } = {}, status = {} } = quota;
    const names = Object.keys(hard);
    const used = usedOf(quota, names, { state, now });
    const told = status.used !== undefined && same(status.hard ?? {}, hard) && areTold(used, status.used);
    const release = names.some((name) => pods.counts(name, state)) ? nextRelease(metadata.namespace!, { state: state.observed(undefined), now }) : undefined;
    return { mutations: told ? [] : [withUsed({ ...quota, status: {} }, used)], ...(release !== undefined && { enqueueAt: release }) };
  },
};

const areTold = (used: Amounts, told: Readonly<Record<string, string>>): boolean =>
  Object.keys(told).length === used.size && [...used].every(([name, { nanos }]) => told[name] !== undefined && amountOf(told[name]).nanos === nanos);

const keyOfQuota = ({ metadata: { namespace, name } }: KubeObject): Key => keyOf('resourcequotas', namespace, name);

function quotasOf({ key }: Change, state: State): readonly ResourceQuota[] {
  const { namespace } = parseKey(key);
  return namespace ? state.list('resourcequotas', namespace) : [];
}

/** What is deleted is given back, by a pod also when it is not gone in time. */
function givesBack({ type, object, previous }: Change): boolean {
  if (type === 'DELETED') return true;
  if (!previous) return false;
  const isLeaving = object.kind === pods.kind && object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp;
  return isLeaving || takesOtherwise(object, previous, (now, before) => now !== before);
}
