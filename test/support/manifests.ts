/** A Deployment as a manifest has it, which asks for so much CPU. */
export const deploymentOf = (name: string, cpu: string, replicas = 2) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'a', image: 'nginx', resources: { requests: { cpu } } }] } },
  },
});

/** A ConfigMap as a manifest has it. */
export const configOf = (name: string, data: Readonly<Record<string, string>> = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
