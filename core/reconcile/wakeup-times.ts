import BTree from 'sorted-btree';
import type { ClusterInstant } from '../instant.ts';
import type { Key } from '../kube/object.ts';
import { compareText } from '../state/tree.ts';

/** When to look at which key again. Of a million keys that wait, only those whose time has come are looked at, and a copy is made in one step. */
export class WakeupTimes {
  readonly #times: BTree.default<Key, ClusterInstant>;
  readonly #inOrder: BTree.default<Wakeup, undefined>;

  constructor(
    times = new BTree.default<Key, ClusterInstant>(undefined, compareText),
    inOrder = new BTree.default<Wakeup, undefined>(undefined, compareWakeups),
  ) {
    this.#times = times;
    this.#inOrder = inOrder;
  }

  copy(): WakeupTimes {
    return new WakeupTimes(this.#times.clone(), this.#inOrder.clone());
  }

  /** `undefined`: the key waits for no time any more. */
  set(key: Key, at: ClusterInstant | undefined): void {
    const before = this.#times.get(key);
    if (before === at) return;
    if (before !== undefined) this.#inOrder.delete([before, key]);
    if (at === undefined) {
      this.#times.delete(key);
    } else {
      this.#times.set(key, at);
      this.#inOrder.set([at, key], undefined);
    }
  }

  /** The keys whose time has come, the earliest first. */
  due(now: ClusterInstant): Key[] {
    const out: Key[] = [];
    for (const [at, key] of this.#inOrder.keys()) {
      if (at > now) break;
      out.push(key);
    }
    return out;
  }

  /** The earliest time. */
  get next(): ClusterInstant | undefined {
    return this.#inOrder.minKey()?.[0];
  }
}

type Wakeup = readonly [at: ClusterInstant, key: Key];

const compareWakeups = ([at, key]: Wakeup, [otherAt, otherKey]: Wakeup): number => at - otherAt || compareText(key, otherKey);
