import type { Cluster } from '../apis/logplane/cluster.ts';
import type { Branch } from '../log/branches.ts';
import type { State } from '../state/state.ts';
import { forksBehind } from './cluster-views.ts';
import type { ClustersHost } from './clusters-host.ts';
import { beginBranch } from './open-cluster.ts';
import { sideBySide } from './side-by-side.ts';

/**
 * The forks that are to be begun, so that what they share stays. Nothing is written of it but their records: a process that knows nothing looks at those, and then at what is written
 * to `root`.
 */
export class Forks {
  readonly #host: Pick<ClustersHost, 'log' | 'problem'>;
  /** The names of logs that were begun before this process looked. */
  #begun: ReadonlySet<string> = new Set();
  /** All forks up to this place are begun. */
  #upTo = '';

  constructor(host: Pick<ClustersHost, 'log' | 'problem'>) {
    this.#host = host;
  }

  /** Those that were begun before: nothing is asked of them. */
  knows(branches: readonly Branch[]): void {
    this.#begun = new Set(branches.map(({ log }) => log));
  }

  /** Begins some of those that a state has. Resolves to those that cannot be, as what they share is not there any more, and whether others are left. */
  async begin(state: State): Promise<{ readonly gone: readonly Cluster[]; readonly left: 'none' | 'more' | 'failed' }> {
    const gone: Cluster[] = [];
    const some: (readonly [string, Cluster])[] = [];
    for (const next of forksBehind(state, this.#upTo)) if (some.push(next) > AT_ONCE) break;
    if (some.length === 0) return { gone, left: 'none' };
    const { log, problem } = this.#host;
    const more = some.length > AT_ONCE ? some.pop() : undefined;
    let failed: string | undefined;
    await sideBySide(some, async ([place, fork]) => {
      try {
        if (this.#begun.has(fork.status!.log!) || (await isBegun(this.#host, fork))) return;
        if ((await beginBranch(log, fork)) === 'gone') gone.push(fork);
      } catch (error) {
        problem(`the fork ${fork.metadata.name} could not be begun`, error);
        if (failed === undefined || place < failed) failed = place;
      }
    });
    const done = some.map(([place]) => place).filter((place) => failed === undefined || place < failed);
    this.#upTo = done.at(-1) ?? this.#upTo;
    return { gone, left: failed !== undefined ? 'failed' : more ? 'more' : 'none' };
  }
}

/** Whether a process that opened it has begun it. */
export const isBegun = async ({ log }: Pick<ClustersHost, 'log'>, { metadata, status }: Cluster): Promise<boolean> =>
  (await log.branches.get(metadata.name))?.log === status?.log;

/** How many before something else is looked at. */
const AT_ONCE = 200;
