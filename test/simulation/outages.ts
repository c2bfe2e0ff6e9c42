import type { Deployment } from './deployment.ts';
import { Process, type World } from './process.ts';
import type { FaultyTable } from './table-client.ts';

export interface OutagesOptions {
  readonly world: World;
  readonly table: FaultyTable;
  readonly deployment: Deployment;
  readonly clusters: readonly string[];
  /** Whether to go on. */
  readonly working: () => boolean;
}

/** About once a minute, each of these may begin, and lasts for a while. */
export async function outages({ world, table, deployment, clusters, working }: OutagesOptions): Promise<void> {
  const { time, faults, chance } = world;
  const { clock } = new Process(world, 'outages', { mortal: false }).env;
  while (working()) {
    await clock.sleep(chance.between(0.5, 1.5) * 60_000);
    if (faults.strikes('table is down')) table.downUntil = time.now + chance.exponential(10_000);
    if (faults.strikes('queues are down')) deployment.queues.downUntil = time.now + chance.exponential(15_000);
    // Longer than requests are retried (core/log/dynamodb/requests.ts).
    if (faults.strikes('partition is throttled')) table.throttledUntil.set(chance.pick(clusters), time.now + chance.between(30_000, 150_000));
    if (faults.strikes('clock is set'))
      setClock(
        world,
        deployment.instances.map(({ process }) => process),
      );
    if (faults.strikes('concurrency runs out')) deployment.exhaust(time.now + chance.exponential(30_000));
  }
}

/** Forwards or back, of one instance or of all. */
export function setClock({ time, chance }: World, processes: readonly Process[]): void {
  const alive = processes.filter((process) => process.alive);
  const clock = alive.length > 0 && chance.happens(0.6) ? chance.pick(alive) : time;
  clock.wrong = chance.pick([1, -1]) * chance.pick([chance.between(60_000, HOUR), chance.between(HOUR, 30 * HOUR), chance.between(1, 3) * YEAR]);
  time.after(chance.exponential(60_000), () => {
    clock.wrong = 0;
  });
}

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
