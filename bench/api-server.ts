// Measures any API server of Kubernetes through its kubeconfig, so that several are compared by the same client: `npm run bench:api-server -- --kubeconfig FILE`.
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { Connection } from './compare/connection.ts';
import { measure } from './compare/measure.ts';
import { residentMemory } from './compare/processes.ts';

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly creates: string;
  readonly replicas: string;
  readonly watchSeconds: string;
  readonly pids?: string;
  readonly json?: string;
}

const options = new Command('npm run bench:api-server --')
  .description('Measures an API server through a kubeconfig.')
  .option('-k, --kubeconfig <file>', 'which kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
  .option('--context <name>', 'which context of it')
  .option('--creates <count>', 'how many ConfigMaps are created by 64 clients', '8000')
  .option('--replicas <count>', 'how many replicas the Deployment has; 0: none is made', '1000')
  .option('--watch-seconds <count>', 'for how long ten watches are told of 200 writes a second', '10')
  .option('--pids <list>', 'the processes whose memory is told, with commas between them, where they are on this machine')
  .option('--json <file>', 'write the figures into a file, too')
  .parse()
  .opts<Options>();

const kubeconfig = options.kubeconfig ?? process.env['KUBECONFIG'] ?? path.join(homedir(), '.kube/config');
const server = await Connection.of(kubeconfig, { context: options.context });
console.log(`${server.server}: ${(await server.call<{ gitVersion: string }>('GET', '/version')).gitVersion}`);
const figures: Record<string, number> = {};
const told = (figure: string, value: number) => {
  figures[figure] = Number(value.toPrecision(3));
  console.log(`${figure.padEnd(24)} ${figures[figure]}`);
};
const { creates, replicas, watchSeconds } = options;
await measure(server, { creates: Number(creates), replicas: Number(replicas), watchSeconds: Number(watchSeconds) }, told);
if (options.pids) told('memory_mb', residentMemory(options.pids.split(',').map(Number)));
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
server.close();
