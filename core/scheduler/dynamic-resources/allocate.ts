import { value } from '../../kube/quantity.ts';
import type { DeviceToleration, Node, ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Objection, unresolvable } from '../framework.ts';
import { allows } from './constraints.ts';
import type { Device, PoolId } from './device.ts';
import { consumedOf } from './device-capacity.ts';
import { type DevicePool, devicePoolsFor } from './device-pools.ts';
import { type DeviceWish, isSelected, type Trouble, wishesOf } from './device-wishes.ts';
import { devicesInUse, NOTHING_IN_USE, type PoolInUse } from './devices-in-use.ts';

/** A device that is chosen, and for what. */
export interface Choice extends Pick<DeviceWish, 'request' | 'subRequest'> {
  readonly wish: DeviceWish;
  readonly device: Device;
  /** Of a device that several share. */
  readonly consumed?: Readonly<Record<string, string>>;
}

export type Choices =
  /** For each claim, in the order in which it asks. */
  | { readonly type: 'chosen'; readonly choices: readonly (readonly Choice[])[] }
  | { readonly type: 'none'; readonly objection: Objection }
  | ({ readonly type: 'trouble' } & Trouble);

/**
 * Chooses devices on a node for all claims of a pod (structured allocation): for one request after the other, one device after the other, each the first that is free,
 * is selected and goes together with those chosen before it. Where it does not go on, the choice before it is made differently, until all of them have been tried. The
 * first that is complete is taken.
 */
export function allocate(claims: readonly ResourceClaim[], node: Node, state: State): Choices {
  const pools = devicePoolsFor(node, state);
  const wishes: (readonly DeviceWish[])[][] = [];
  for (const claim of claims) {
    const ofClaim = wishesOf(claim, pools, state);
    if ('error' in ofClaim) return { type: 'trouble', ...ofClaim };
    const least = ofClaim.reduce((sum, alternatives) => sum + Math.min(...alternatives.map(({ count }) => count)), 0);
    if (least > MAX_RESULTS) {
      const { namespace, name } = claim.metadata;
      return { type: 'trouble', error: `claim ${namespace}/${name}: number of requested devices ${least} exceeds the claim limit of ${MAX_RESULTS}` };
    }
    wishes.push(ofClaim);
  }
  return new Search(claims, wishes, pools, state).run();
}

const INVALID_POOLS = unresolvable('invalid resource pools were encountered');
const NOT_ENOUGH = unresolvable('cannot allocate all claims');

/** As many devices as one claim can have. */
const MAX_RESULTS = 32;

/** `exceeded`: with more devices than a claim can have; other choices of the same kind do no better. */
type Outcome = 'done' | 'none' | 'exceeded';

class Search {
  readonly #claims: readonly ResourceClaim[];
  readonly #wishes: readonly (readonly (readonly DeviceWish[])[])[];
  readonly #pools: readonly DevicePool[];
  readonly #inUse: ReadonlyMap<PoolId, PoolInUse>;
  readonly #choices: Choice[][];

  constructor(claims: readonly ResourceClaim[], wishes: readonly (readonly (readonly DeviceWish[])[])[], pools: readonly DevicePool[], state: State) {
    this.#claims = claims;
    this.#wishes = wishes;
    this.#pools = pools;
    const inUse = state.view(devicesInUse);
    this.#inUse = new Map(pools.map(({ id }) => [id, inUse.get(id) ?? NOTHING_IN_USE]));
    this.#choices = claims.map(() => []);
  }

  run(): Choices {
    try {
      if (this.#claim(0) === 'done') return { type: 'chosen', choices: this.#choices };
    } catch (error) {
      if (error instanceof InTrouble) return { type: 'trouble', error: error.message };
      throw error;
    }
    const isInvalid = this.#pools.some(({ state }) => state === 'invalid');
    return { type: 'none', objection: isInvalid ? INVALID_POOLS : NOT_ENOUGH };
  }

  #claim(claim: number): Outcome {
    return claim < this.#claims.length ? this.#request(claim, 0) : 'done';
  }

  #request(claim: number, request: number): Outcome {
    const alternatives = this.#wishes[claim]![request];
    if (!alternatives) {
      const outcome = this.#claim(claim + 1);
      // Another alternative of an earlier claim may leave a later one a smaller one.
      return outcome === 'exceeded' ? 'none' : outcome;
    }
    let worst: Outcome = 'exceeded';
    for (const wish of alternatives) {
      const outcome = wish.all?.length === 0 ? 'none' : this.#device({ claim, request, wish, index: 0, from: 0 });
      if (outcome === 'done') return 'done';
      if (outcome === 'none') worst = 'none';
    }
    return worst;
  }

  /** One more device for a wish. Of its own devices the order is of no matter: each is looked for behind the one before it. */
  #device(at: { claim: number; request: number; wish: DeviceWish; index: number; from: number }): Outcome {
    const { claim, request, wish, index, from } = at;
    if (index >= wish.count) return this.#request(claim, request + 1);
    const chosen = this.#choices[claim]!;
    if (chosen.length + wish.count - index > MAX_RESULTS) return 'exceeded';
    const candidates = wish.all ? [wish.all[index]!] : this.#candidates;
    for (let i = wish.all ? 0 : from; i < candidates.length; i++) {
      const device = candidates[i]!;
      const choice = this.#choiceOf(device, claim, wish);
      if (!choice) continue;
      chosen.push(choice);
      const outcome = this.#device({ ...at, index: index + 1, from: i + 1 });
      if (outcome === 'done') return 'done';
      chosen.pop();
      if (outcome === 'exceeded') return 'exceeded';
    }
    return 'none';
  }

  get #candidates(): readonly Device[] {
    this.#known ??= this.#pools.flatMap(({ state, devices }) => (state === 'complete' ? devices : []));
    return this.#known;
  }
  #known: readonly Device[] | undefined;

  /** Undefined: the device cannot be had for it, with what was chosen so far. */
  #choiceOf(device: Device, claim: number, wish: DeviceWish): Choice | undefined {
    const { of, id } = device;
    const inUse = this.#inUseOf(device);
    if (!wish.adminAccess && inUse.whole.has(id)) return undefined;
    const chosen = this.#choices.flat().filter((other) => other.device.id === id);
    const isShared = of.allowMultipleAllocations === true;
    if (!isShared && (wish.adminAccess ? this.#choices[claim]!.some((other) => other.device.id === id) : chosen.length > 0)) return undefined;
    const selected = isSelected(device, wish);
    if (typeof selected !== 'boolean') throw new InTrouble(selected.error);
    if (!selected || isTainted(device, wish.tolerations)) return undefined;
    const before = inUse.shared.get(id);
    const consumed = consumedOf(device, wish.capacity, sumOf([before?.capacity ?? {}, ...chosen.map((other) => amountsOf(other.consumed))]));
    if (!consumed) return undefined;
    const isSharedAlready = isShared && (before !== undefined || chosen.length > 0);
    if (!isSharedAlready && !this.#hasCounters(device)) return undefined;
    const choice = {
      request: wish.request,
      ...(wish.subRequest !== undefined && { subRequest: wish.subRequest }),
      wish,
      device,
      ...(isShared && { consumed }),
    };
    const fits = (this.#claims[claim]!.spec.devices?.constraints ?? []).every((constraint) => allows(constraint, this.#choices[claim]!, choice));
    if (fits) return choice;
    if (wish.all) {
      throw new InTrouble(`${wish.of}, request ${wish.subRequest ?? wish.request}: cannot add device ${id} because a claim constraint would not be satisfied`);
    }
    return undefined;
  }

  #inUseOf({ poolId }: Device): PoolInUse {
    return this.#inUse.get(poolId)!;
  }

  /** Whether what a device consumes of the counters of its pool is left there. */
  #hasCounters(device: Device): boolean {
    const { consumesCounters = [] } = device.of;
    if (consumesCounters.length === 0) return true;
    const pool = this.#pools.find(({ devices }) => devices.includes(device))!;
    const { whole, shared } = this.#inUseOf(device);
    const isTaken = ({ id }: Device) => whole.has(id) || shared.has(id) || this.#choices.flat().some((other) => other.device.id === id);
    const takers = pool.allDevices.filter((other) => other.id !== device.id && isTaken(other)).concat(device);
    return consumesCounters.every(({ counterSet, counters }) => {
      const has = pool.counterSets.find(({ name }) => name === counterSet)!.counters;
      return Object.keys(counters).every((name) => {
        const amounts = takers
          .flatMap(({ of }) => of.consumesCounters ?? [])
          .flatMap((taken) => (taken.counterSet === counterSet ? (taken.counters[name]?.value ?? []) : []));
        return amounts.reduce((sum, amount) => sum + value(amount), 0) <= value(has[name]!.value);
      });
    });
  }
}

/** What ends the search at once. */
class InTrouble extends Error {}

/** Whether a device has a taint that keeps claims off and is not tolerated. */
const isTainted = ({ of }: Device, tolerations: readonly DeviceToleration[] | undefined): boolean =>
  (of.taints ?? []).some(
    ({ key, value = '', effect }) =>
      (effect === 'NoSchedule' || effect === 'NoExecute') &&
      !tolerations?.some(
        (toleration) =>
          (!toleration.effect || toleration.effect === effect) &&
          (!toleration.key || toleration.key === key) &&
          (toleration.operator === 'Exists' || (toleration.value ?? '') === value),
      ),
  );

const amountsOf = (consumed: Readonly<Record<string, string>> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(consumed).map(([name, amount]) => [name, value(amount)]));

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of all) for (const [name, amount] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}
