import { createServer } from '../../core/api/server.ts';
import { staticTokens } from '../../core/auth/static-tokens.ts';
import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { median } from '../workloads.ts';

const WATCHES = 1_500;
const CREATES = 200;
const ROUNDS = 7;

/** The CPU time of a create, in this process and without a network, with 1,500 watches of another resource over that with none (medians of 7). */
export async function manyWatches(): Promise<Record<string, number>> {
  const alone = await Cluster.start();
  const watched = await Cluster.start();
  await watched.watch(WATCHES);
  // In turns, so that both meet the same neighbours on the machine.
  const costs: { alone: number; watched: number }[] = [];
  for (let i = 0; i <= ROUNDS; i++) costs.push({ alone: await alone.costOfCreate(), watched: await watched.costOfCreate() });
  watched.stop();
  // The first round warms up.
  const [without, with1500] = [median(costs.slice(1).map((cost) => cost.alone)), median(costs.slice(1).map((cost) => cost.watched))];
  return { create_cpu_ms: without, watch_1500_cpu_ms: with1500, watch_1500_ratio: with1500 / without };
}

class Cluster {
  readonly #fetch: (line: string, body?: object) => Promise<Response>;
  readonly #streams: ReadableStreamDefaultReader<Uint8Array>[] = [];
  #created = 0;

  private constructor(fetch: (line: string, body?: object) => Promise<Response>) {
    this.#fetch = fetch;
  }

  static async start(): Promise<Cluster> {
    const replica = await Replica.open({ log: memoryLog(), cluster: 'main', env: systemEnv, exclusive: true });
    const { fetch } = createServer({
      replicaOf: async () => replica,
      defaultCluster: 'main',
      env: systemEnv,
      authenticator: staticTokens({ admin: { username: 'admin', groups: ['system:masters'] } }),
      // A user may hold half of them.
      limits: { watches: 2 * WATCHES },
      problem: (message, error) => {
        throw new Error(message, { cause: error });
      },
    });
    const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
    const cluster = new Cluster(async (line, body) => {
      const [method, target] = line.split(' ') as [string, string];
      const response = await fetch(new Request('https://localhost', { method, headers, ...(body && { body: JSON.stringify(body) }) }), { target });
      if (!response.ok) throw new Error(await response.text());
      return response;
    });
    await cluster.#fetch('POST /api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
    return cluster;
  }

  /** Watches all Secrets, as an informer does, so many times. */
  async watch(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const response = await this.#fetch('GET /api/v1/secrets?watch=1&allowWatchBookmarks=true&resourceVersion=1');
      const reader = response.body!.getReader();
      this.#streams.push(reader);
      void drain(reader);
    }
  }

  /** In ms of CPU. */
  async costOfCreate(): Promise<number> {
    const before = process.cpuUsage();
    for (let i = 0; i < CREATES; i++) {
      const metadata = { name: `c${this.#created++}` };
      await this.#fetch('POST /api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: 'value' } });
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / CREATES;
  }

  stop(): void {
    for (const stream of this.#streams) void stream.cancel();
  }
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
