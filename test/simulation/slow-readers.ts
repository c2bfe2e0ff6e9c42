import type { Http } from './http.ts';
import { type InformerOptions, inform } from './informer.ts';
import type { Process, World } from './process.ts';

export interface SlowReaderOptions extends Pick<InformerOptions, 'history' | 'done'> {
  readonly world: World;
  readonly process: Process;
  readonly cluster: string;
  /** A connection whose bodies are read at a pace. */
  readonly connect: (pace: () => Promise<void>) => Http;
  /** When it comes, in ms. */
  readonly after: number;
  /** Whether it may still take its time. */
  readonly patient: () => boolean;
}

/** An informer that comes when much is there already, and lets what it is sent wait for a long time: what has been written for it meanwhile must not pile up. */
export async function readSlowly({ world, process, cluster, connect, after, patient, history, done }: SlowReaderOptions): Promise<void> {
  const { clock, random } = process.env;
  await clock.sleep(after);
  const pace = async () => {
    if (random.next() < 0.5) return;
    for (let left = 90_000 * random.next(); left > 0 && patient(); left -= 5_000) await clock.sleep(5_000);
  };
  const resource = world.chance.pick(['configmaps', 'pods']);
  await inform({ world, process, http: connect(pace), history, done, name: process.name, cluster, resource, namespace: undefined, label: undefined });
}
