import type { KubeObject } from '../kube/object.ts';
import type { APIService, ClusterRole, Deployment, Service, ServiceAccount } from '../schema/generated/kinds.ts';

/**
 * The add-on metrics-server, as far as a cluster shows it: what its own manifest makes, without what only a process would use. With its APIService the resource metrics API is served
 * (`core/apis/metrics/`). It can be installed later just as well, and be deleted.
 */
export const metricsServer = (): KubeObject[] => [serviceAccount, reader, service, deployment, apiService];

const NAME = 'metrics-server';
const labels = { 'k8s-app': NAME };
const metadata = { name: NAME, namespace: 'kube-system', labels };

const serviceAccount: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };

/** Who may see a namespace may see what is used in it. */
const reader: ClusterRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: {
    name: 'system:aggregated-metrics-reader',
    labels: { ...labels, ...Object.fromEntries(['admin', 'edit', 'view'].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true'])) },
  },
  rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
};

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }], selector: labels },
};

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: NAME,
            image: 'metrics-server/metrics-server:v0.8.0',
            args: ['--secure-port=10250', '--metric-resolution=15s'],
            ports: [{ name: 'https', containerPort: 10250, protocol: 'TCP' }],
            resources: { requests: { cpu: '100m', memory: '200Mi' } },
          },
        ],
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: NAME,
      },
    },
  },
};

const apiService: APIService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io', labels },
  spec: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { name: NAME, namespace: 'kube-system', port: 443 },
  },
};
