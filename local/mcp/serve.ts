import { Console } from 'node:console';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ApiClient } from '../client/api-client.ts';
import type { Terminal } from '../terminal.ts';
import { type Allowance, Reach } from './reach.ts';
import { mcpServer } from './server.ts';

interface McpOptions {
  readonly connect: () => Promise<ApiClient>;
  readonly allow: Allowance;
  readonly secrets: boolean;
  readonly version: string;
}

/** Serves one agent on standard input and output until it closes the input. Messages go to standard error: there is nothing but the protocol on standard output. */
export async function serveMcp({ version, ...options }: McpOptions, { err }: Pick<Terminal, 'err'>): Promise<void> {
  globalThis.console = new Console(process.stderr);
  const reach = new Reach(options);
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
  const served = serveStdio(() => mcpServer(reach, { version }), {
    transport: new StdioServerTransport(),
    onerror: (error) => err(`logplane: ${error.message}\n`),
  });
  // Told where a person looks who wonders why nothing works; each call says so too.
  await reach.client().catch((error: Error) => err(`logplane: ${error.message}\n`));
  await ended;
  await served.close();
  process.stdin.destroy();
}
