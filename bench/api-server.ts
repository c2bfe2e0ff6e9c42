// Measures any API server of Kubernetes through its kubeconfig, so that several are compared by the same client: `npm run bench:api-server -- --kubeconfig FILE`.
// It makes a namespace of its own, and removes it. The cluster has to run pods (kwok's will do) for the Deployment to become available.
import { Command } from 'commander';
import { connect } from '../local/client/connect.ts';

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly creates: string;
  readonly replicas: string;
}

const options = new Command('npm run bench:api-server --')
  .description('Measures an API server through a kubeconfig.')
  .option('-k, --kubeconfig <file>', 'which kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
  .option('--context <name>', 'which context of it')
  .option('--creates <count>', 'how many ConfigMaps are created by 64 clients', '8000')
  .option('--replicas <count>', 'how many replicas the Deployment has; 0: none is made', '1000')
  .parse()
  .opts<Options>();

const client = await connect(options, { env: process.env, cwd: process.cwd() });
const namespace = `bench-${process.pid}`;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
let created = 0;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;

console.log(`${client.server}: ${(await client.get<{ gitVersion: string }>('/version')).gitVersion}`);
await client.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
try {
  const creates = Number(options.creates);
  report('creates_64_per_s', await perSecond({ count: creates, clients: 64 }, createConfigMap));
  report('creates_1_per_s', await perSecond({ count: Math.ceil(creates / 8), clients: 1 }, createConfigMap));
  report('gets_64_per_s', await perSecond({ count: creates, clients: 64 }, (i) => client.get(`${configMaps}/c${i % creates}`)));
  const replicas = Number(options.replicas);
  if (replicas > 0) {
    report('deployment_available_s', await seconds(() => deploy(replicas)));
    report('list_pods_ms', 1000 * (await seconds(() => client.get(`/api/v1/namespaces/${namespace}/pods`))));
  }
} finally {
  await client.send('DELETE', `/api/v1/namespaces/${namespace}`);
}

function createConfigMap(): Promise<unknown> {
  return client.send('POST', configMaps, { metadata: { name: `c${created++}` }, data: { key: 'value', more: 'x'.repeat(200) } });
}

/** Resolves when all replicas are available. */
async function deploy(replicas: number): Promise<void> {
  const labels = { app: 'web' };
  const container = { name: 'web', image: 'nginx', resources: { requests: { cpu: '1m', memory: '1Mi' } } };
  const spec = { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } };
  await client.send('POST', deployments, { metadata: { name: 'web' }, spec });
  for (;;) {
    const { status } = await client.get<{ status: { availableReplicas?: number } }>(`${deployments}/web`);
    if (status.availableReplicas === replicas) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Calls `each` so many times, by so many clients that do one thing at a time. */
async function perSecond({ count, clients }: { count: number; clients: number }, each: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const one = async () => {
    while (next < count) await each(next++);
  };
  return count / (await seconds(() => Promise.all(Array.from({ length: clients }, one))));
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

function report(figure: string, value: number): void {
  console.log(`${figure.padEnd(24)} ${Number(value.toPrecision(3))}`);
}
