import type { HostProcess } from './host-process.ts';

/** A Deployment of small pods, as a manifest has it. */
export const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
    },
  },
});

/** Creates a Deployment and waits until all of its pods are available. Resolves to the time that took, in ms. */
export async function rollOut(host: HostProcess, name: string, replicas: number): Promise<number> {
  const started = performance.now();
  const done = new Promise<number>((resolve) => {
    const stop = host.watch(`/apis/apps/v1/namespaces/default/deployments?watch=true&fieldSelector=metadata.name%3D${name}`, ({ object }) => {
      if ((object['status'] as { availableReplicas?: number } | undefined)?.availableReplicas !== replicas) return;
      stop();
      resolve(performance.now() - started);
    });
  });
  await host.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment(name, replicas));
  return done;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
