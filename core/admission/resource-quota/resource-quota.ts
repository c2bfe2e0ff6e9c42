import { update } from '../../apis/mutation.ts';
import { same } from '../../kube/object.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from '../plugin.ts';
import { type Amount, type Amounts, amountOf, listed, minus, NOTHING, plus } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { areSelected, selectorsOf } from './scopes.ts';
import { evaluatorOf, usedOf } from './used.ts';

/**
 * Refuses what would take more than the quotas of its namespace leave (apiserver/pkg/admission/plugin/resourcequota). What is used is derived from the objects
 * themselves, and written into the status of each quota in the entry of the write that takes it (docs/decisions/0027-quota.md).
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(review) {
    const { namespace, operation, resource, state } = review;
    if (namespace === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const evaluator = evaluatorOf(resource.groupResource, state);
    const quotas = evaluator?.handles(review) ? state.list('resourcequotas', namespace) : [];
    const takings = quotas.length > 0 ? takingsOf(quotas, evaluator!, review) : [];
    for (const taking of takings) refuseExcess(taking, review);
    for (const { quota, used, taken } of takings) review.also(withUsed(quota, sums(used, taken)));
    tellOwnUsage(review, evaluator!);
  },
};

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

const sums = (a: Amounts, b: Amounts): Amounts => new Map([...a, ...[...b].map(([name, amount]) => [name, plus(a.get(name) ?? NOTHING, amount)] as const)]);

/** A quota that is new, or limits something else, tells at once what is used of it. It counts itself. */
function tellOwnUsage(review: AdmissionReview, evaluator: Evaluator): void {
  const { object: quota, old } = writeTo(review, 'resourcequotas', 'CREATE', 'UPDATE') ?? {};
  if (!quota?.spec?.hard || (old && same(old.spec?.hard, quota.spec.hard))) return;
  const used = usedOf(quota, Object.keys(quota.spec.hard), review);
  const own = old || selectorsOf(quota).length > 0 ? new Map() : evaluator.usageOf(quota, review.state);
  review.also(withUsed({ ...quota, status: {} }, new Map([...used].map(([name, amount]) => [name, own.has(name) ? plus(amount, own.get(name)) : amount]))));
}

/** The status of a quota, with what is used of some of what it limits. */
export function withUsed({ apiVersion, kind, metadata: { name, namespace }, spec, status }: ResourceQuota, amounts: Amounts) {
  const used = { ...status?.used };
  for (const [resource, amount] of amounts) used[resource] = formatQuantity(amount);
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  return update('resourcequotas', { apiVersion, kind, metadata, ...(spec && { spec }), status: { hard: { ...spec?.hard }, used } }, 'status');
}
