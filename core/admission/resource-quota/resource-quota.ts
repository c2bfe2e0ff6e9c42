import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from '../plugin.ts';
import { type Amount, type Amounts, amountOf, listed, minus, NOTHING } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { areSelected, selectorsOf } from './scopes.ts';
import { evaluatorOf, limitsOf, usedOf } from './used.ts';

/**
 * Refuses what would take more than the quotas of its namespace leave (apiserver/pkg/admission/plugin/resourcequota). What is used is derived from the objects
 * themselves, and told in the status of each quota by the entry of the write (decide/quota-statuses.ts, docs/decisions/0027-quota.md).
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(review) {
    const { namespace, operation, resource, subresource, state } = review;
    if (namespace === undefined || (operation !== 'CREATE' && operation !== 'UPDATE') || subresource === 'status') return;
    const evaluator = evaluatorOf(resource.groupResource, state);
    if (!evaluator?.handles(review)) return;
    const quotas = quotasOf(namespace, state);
    if (quotas.length > 0) for (const taking of takingsOf(quotas, evaluator, review)) refuseExcess(taking, review);
  },
};

/** What is decided by them rests on what they limit, not on what their statuses tell. */
function quotasOf(namespace: string, state: State): readonly ResourceQuota[] {
  const quotas = state.observed(undefined).list('resourcequotas', namespace);
  if (quotas.length > 0) state.keepWithin(limitsOf, namespace);
  return quotas.length > 0 ? quotas : state.list('resourcequotas', namespace);
}

/** What a write takes of a quota, and what was used of that before. */
interface Taking {
  readonly quota: ResourceQuota;
  readonly taken: Amounts;
  readonly used: Amounts;
}

/** Of the quotas that select the object. Throws 403 if one of them demands what it does not say. */
function takingsOf(quotas: readonly ResourceQuota[], evaluator: Evaluator, review: AdmissionReview): Taking[] {
  const { state, now, old } = review;
  const object = review.object!;
  const scopes = evaluator.scopesOf(object);
  const concerned = quotas.flatMap((quota) => {
    const names = Object.keys(quota.spec?.hard ?? {}).filter((name) => evaluator.counts(name, state));
    if (names.length === 0 || !areSelected(scopes, selectorsOf(quota))) return [];
    const missing = evaluator.missing?.(names, object);
    if (missing) throw refusal(review, `failed quota: ${quota.metadata.name}: ${missing}`);
    return [{ quota, names }];
  });
  if (concerned.length === 0) return [];
  const usage = evaluator.usageOf(object, state);
  const before = old && { scopes: evaluator.scopesOf(old), usage: evaluator.usageOf(old, state) };
  return concerned.flatMap(({ quota, names }) => {
    const had = before && areSelected(before.scopes, selectorsOf(quota)) ? before.usage : undefined;
    const taken = more(usage, had, names);
    return taken.size > 0 ? [{ quota, taken, used: usedOf(quota, [...taken.keys()], { state, now }) }] : [];
  });
}

/** Of some names, what is taken now and was not before. */
function more(usage: Amounts, before: Amounts | undefined, names: readonly string[]): Amounts {
  const taken = new Map<string, Amount>();
  for (const name of names) {
    const amount = minus(usage.get(name) ?? NOTHING, before?.get(name) ?? NOTHING);
    if (amount.nanos > 0n) taken.set(name, amount);
  }
  return taken;
}

function refuseExcess({ quota, taken, used }: Taking, review: AdmissionReview): void {
  const hard: Amounts = new Map([...taken.keys()].map((name) => [name, amountOf(quota.spec!.hard![name]!)]));
  const exceeded = [...taken.keys()].filter((name) => used.get(name)!.nanos + taken.get(name)!.nanos > hard.get(name)!.nanos);
  if (exceeded.length === 0) return;
  const told = (amounts: Amounts) => listed(new Map(exceeded.map((name) => [name, amounts.get(name)!])));
  throw refusal(review, `exceeded quota: ${quota.metadata.name}, requested: ${told(taken)}, used: ${told(used)}, limited: ${told(hard)}`);
}
