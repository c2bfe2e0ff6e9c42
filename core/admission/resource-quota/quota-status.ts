import { type UpdateMutation, update } from '../../apis/mutation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { parseKey, same } from '../../kube/object.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import { type Change, isOf } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Amounts, amountOf } from './amounts.ts';
import { pods } from './pods.ts';
import { resourcesOf, takesOtherwise, usedOf } from './used.ts';

/** What a quota tells of what it limits and what is used of that; undefined: it tells so already. */
export function statusOf({ apiVersion, kind, metadata: { name, namespace }, spec, status }: ResourceQuota, at: At): UpdateMutation | undefined {
  const quota = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, ...(spec && { spec }) };
  const { hard = {} } = spec ?? {};
  // Other than what is allowed by it, what is told of a quota is wrong also when less is used: it rests on all objects that count.
  for (const resource of resourcesOf(quota, at.state)) at.state.count(resource, namespace);
  const used = usedOf(quota, Object.keys(hard), at);
  if (same(status?.hard ?? {}, hard) && areTold(used, status?.used ?? {})) return undefined;
  // A map without anything in it is none.
  const told = used.size > 0 && { used: Object.fromEntries([...used].map(([of, amount]) => [of, formatQuantity(amount)])) };
  return update('resourcequotas', { ...quota, status: { ...(Object.keys(hard).length > 0 && { hard: { ...hard } }), ...told } }, 'status');
}

interface At {
  readonly state: State;
  readonly now: ClusterInstant;
}

const areTold = (used: Amounts, told: Readonly<Record<string, string>>): boolean =>
  Object.keys(told).length === used.size && [...used].every(([name, { nanos }]) => told[name] !== undefined && amountOf(told[name]).nanos === nanos);

/** The quotas of which something may be used otherwise after some changes, or which limit something else. */
export function quotasTouchedBy(changes: readonly Change[], state: State): Set<ResourceQuota> {
  const touched = new Set<ResourceQuota>();
  for (const change of changes) {
    const { namespace, name } = parseKey(change.key);
    const quotas = namespace ? state.list('resourcequotas', namespace) : [];
    if (quotas.length === 0 || isOf(change, 'events')) continue;
    if (!isOf(change, 'resourcequotas')) {
      if (countsOtherwise(change)) for (const quota of quotas) touched.add(quota);
    } else if (!change.previous || change.type === 'DELETED') {
      for (const quota of quotas) touched.add(quota);
    } else if (!same(change.previous.spec, change.object.spec)) {
      for (const quota of quotas) if (quota.metadata.name === name) touched.add(quota);
    }
  }
  return touched;
}

/** What is deleted is given back; by a pod also when it is not gone in time. */
function countsOtherwise({ type, object, previous }: Change): boolean {
  if (type === 'DELETED' || !previous) return true;
  const isLeaving = object.kind === pods.kind && object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp;
  return isLeaving || takesOtherwise(object, previous, (now, before) => now !== before);
}
