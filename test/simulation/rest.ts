import type { ClockOperator, ClusterClocks } from './cluster-clocks.ts';
import type { Deployment } from './deployment.ts';
import type { Problems } from './problems.ts';
import type { World } from './process.ts';

export interface RestOptions {
  readonly world: World;
  readonly deployment: Deployment;
  readonly clocks: ClusterClocks;
  readonly clockOperator: ClockOperator;
  readonly problems: Problems;
  /** Whether something is going on beside the deployment. */
  readonly isBusy: () => boolean;
  /** It makes no sense to go on. */
  readonly isHopeless: () => boolean;
}

/** How a run comes to rest when nothing goes wrong any more. */
export class Rest {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Lets time go by until nothing waits any more; where time stands still, it is put forward. Resolves false when there is no rest. */
  async come(): Promise<boolean> {
    const { clocks, clockOperator } = this.#options;
    let atRest = await this.#settle();
    for (let i = 0; clocks === 'still' && atRest && i < ADVANCES; i++) {
      await this.until(clockOperator.advance(REST_MINUTES.real * (MINUTE / ADVANCES)));
      atRest = await this.#settle();
    }
    return atRest;
  }

  /** Lets time go by until the clock of a cluster is set. */
  async until(setting: Promise<void>): Promise<void> {
    const { world, problems } = this.#options;
    let done = false;
    setting
      .catch((error) => problems.note('simulation', error))
      .finally(() => {
        done = true;
      });
    await world.time.run({ until: world.time.now + MINUTE, done: () => done });
    if (!done) problems.note('clocks', 'the clock of a cluster was not set within a minute without faults');
  }

  async #settle(): Promise<boolean> {
    const { world, deployment, clocks, problems, isBusy, isHopeless } = this.#options;
    const { time } = world;
    const atRest = () => !isBusy() && deployment.quiet;
    await time.run({ until: time.now + TIDYING_MINUTES * MINUTE, done: () => !isBusy() || isHopeless() });
    const minutes = REST_MINUTES[clocks];
    const until = time.now + minutes * MINUTE;
    // What was received too often while things went wrong is set aside only when it would be received again.
    do {
      deployment.redrive();
      await time.run({ until, done: () => atRest() || isHopeless() });
    } while (atRest() && deployment.deadLetters > 0);
    if (isHopeless()) problems.note('rest', `ended, as it made no sense to go on: ${deployment.describe()}`);
    else if (!atRest()) problems.note('rest', `not at rest after ${minutes} minutes without faults: ${deployment.describe()}`);
    return atRest() && !isHopeless();
  }
}

const MINUTE = 60_000;
/** What lasts longest is the term of an Event. Where a minute takes a second, there is little to wait for; wake-ups that were asked for at a tenth of the rate come late. */
const REST_MINUTES: Readonly<Record<ClusterClocks, number>> = { real: 40, slow: 150, fast: 8, still: 40 };
/** What clients end by themselves takes no longer: what comes of lost nodes is waited for (workload.ts). */
const TIDYING_MINUTES = 20;
/** In how many steps. */
const ADVANCES = 10;
