import { advance, setRate } from '../../core/clusters/clock.ts';
import type { Replica } from '../../core/replica/replica.ts';
import type { Chance } from './chance.ts';
import type { Instance } from './instance.ts';
import { Process, type World } from './process.ts';

/** How the clocks of a run's clusters are set: as real time goes, slower, faster, or so that time stands still but when it is put forward. */
export type ClusterClocks = 'real' | 'slow' | 'fast' | 'still';

export const rates: Readonly<Record<ClusterClocks, number | undefined>> = { real: undefined, slow: 0.1, fast: 60, still: 0 };

export const drawClocks = (chance: Chance): ClusterClocks => chance.weighted({ real: 70, slow: 10, fast: 10, still: 10 });

export interface OperatorOptions {
  readonly world: World;
  readonly clusters: readonly string[];
  /** A new process that may set clocks. */
  readonly instance: () => Instance;
}

/** The client that sets the clocks of a run's clusters while it lasts. */
export class ClockOperator {
  readonly #options: OperatorOptions;
  readonly #process: Process;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#process = new Process(options.world, 'clock operator', { mortal: false });
  }

  /** Puts the time of clusters forward, again and again, by up to some minutes. */
  async advanceNowAndThen({ working }: { working: () => boolean }): Promise<void> {
    const { random, clock } = this.#process.env;
    while (working()) {
      await clock.sleep(random.next() * 20_000);
      await this.advance(random.next() ** 3 * 10 * MINUTE);
    }
  }

  async advance(ms: number): Promise<void> {
    await this.#setAll((replica) => advance(replica, Math.round(ms)));
  }

  async setRate(rate: number): Promise<void> {
    await this.#setAll((replica) => setRate(replica, rate));
  }

  /** Goes on until each cluster's is set: processes die on the way, and the log may fail. Setting it twice is no harm. */
  async #setAll(set: (replica: Replica) => Promise<void>): Promise<void> {
    for (const cluster of this.#options.clusters) {
      while (!(await this.#set(cluster, set))) await this.#process.env.clock.sleep(1_000);
    }
  }

  async #set(cluster: string, set: (replica: Replica) => Promise<void>): Promise<boolean> {
    const instance = this.#options.instance();
    const setting = instance.replica(cluster).then((replica) => set(replica!));
    const died = new Promise<boolean>((resolve) => instance.process.whenDead(() => resolve(false)));
    return Promise.race([
      died,
      setting.then(
        () => true,
        () => false,
      ),
    ]);
  }
}

const MINUTE = 60_000;
