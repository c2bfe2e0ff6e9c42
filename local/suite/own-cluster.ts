import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { ApiClient } from '../client/api-client.ts';
import { Host } from '../host.ts';
import { secrets } from '../secrets.ts';

interface OwnClusterOptions {
  readonly nodes: number;
  readonly namespace: string | undefined;
  /** How fast its time goes; 1 is as it does. */
  readonly clockRate: number;
  readonly problem: (message: string, error?: unknown) => void;
}

/** A cluster in this process, without a port, that keeps nothing. */
export async function ownCluster({ nodes, namespace, clockRate, problem }: OwnClusterOptions): Promise<{ client: ApiClient; close: () => Promise<void> }> {
  const host = await Host.start({ log: memoryLog(), env: systemEnv, secrets: secrets(undefined), nodes, clockRate, cluster: 'default', problem });
  const client = new ApiClient({
    host: HERE,
    path: '',
    namespace,
    source: 'the cluster of this test',
    transport: async ({ method, target, headers, body }) => {
      const init = { method, headers: { ...headers, authorization: `Bearer ${host.token}` }, ...(body !== undefined && { body }) };
      const response = await host.fetch(new Request(HERE, init), { target });
      return { status: response.status, text: await response.text() };
    },
  });
  return { client, close: () => host.close() };
}

// Nothing is asked for it: requests stay in the process.
const HERE = 'https://cluster.invalid';
