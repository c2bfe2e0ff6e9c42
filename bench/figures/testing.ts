import { startCluster } from '../../local/testing/testing.ts';
import { median } from '../workloads.ts';

const OBJECTS = 500;
const REPLICAS = 100;
const CASES = 60;

/** Clusters in the process of a test: how long one takes to start beside others, and a fork of one with 700 objects, until its first write is answered. */
export async function testing(): Promise<Record<string, number>> {
  await (await startCluster()).stop();
  const started = performance.now();
  await using cluster = await startCluster({ nodes: 3 });
  const startMs = performance.now() - started;
  await cluster.apply(Array.from({ length: OBJECTS }, (_, i) => configMap(`c-${i}`)));
  await cluster.apply(web);
  await cluster.untilReady();
  const [forks, writes]: [number[], number[]] = [[], []];
  for (let i = 0; i < CASES; i++) {
    const begun = performance.now();
    const fork = await cluster.fork();
    forks.push(performance.now() - begun);
    await fork.apply(configMap('own'));
    writes.push(performance.now() - begun);
    await fork.stop();
  }
  return { testing_start_ms: startMs, testing_fork_ms: median(forks), testing_fork_write_ms: median(writes), testing_first_fork_ms: forks[0]! };
}

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { x: 'y' } });

const labels = { app: 'web' };
const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: REPLICAS,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } },
  },
};
