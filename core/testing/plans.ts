import { noWebhooks } from '../admission/ask.ts';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import type { PlanSpec } from '../apis/logplane/plan.ts';
import type { PlanStatus } from '../apis/logplane/plan-status.ts';
import { clusterReconcilers } from '../clusters/cluster-reconcilers.ts';
import { type Fields, fieldsOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { MASTERS } from '../kube/user.ts';
import { type PlanOptions, plan } from '../plan/plan.ts';
import { soleProfile } from '../scheduler/profiles.ts';
import type { Cluster } from './cluster.ts';

/** What a cluster's administrator is told that comes of some manifests. */
export const planned = (
  cluster: Cluster,
  manifests: readonly KubeObject[],
  spec: Partial<PlanSpec> = {},
  options: Partial<PlanOptions> = {},
): Promise<PlanStatus> =>
  plan({
    cluster: 'main',
    state: cluster.state,
    now: cluster.now,
    spec: { until: 'ready', seed: 1, webhooks: 'Never', ...spec },
    manifests: manifests.map(fieldsOf),
    user: { username: 'admin', groups: [MASTERS] },
    manager: 'kubectl',
    env: cluster.env,
    reconcilers: clusterReconcilers({ eventTtlMs: 0 }),
    schedulerProfiles: soleProfile(),
    admissionPlugins: defaultAdmissionPlugins,
    ask: noWebhooks,
    ...options,
  });

/** As a manifest has it. */
export const manifest = (apiVersion: string, kind: string, name: string, fields: Fields = {}): KubeObject => {
  const { metadata, ...rest } = fields;
  return { apiVersion, kind, metadata: { name, ...(metadata as object) }, ...rest } as KubeObject;
};

interface WorkloadOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly cpu?: string;
  readonly container?: Fields;
  readonly pod?: Fields;
  readonly spec?: Fields;
}

/** A Deployment, as a manifest has it, in `default`. */
export const deploymentManifest = (
  name: string,
  { replicas = 1, image = 'nginx:1.29', cpu = '100m', container, pod, spec }: WorkloadOptions = {},
): KubeObject =>
  manifest('apps/v1', 'Deployment', name, {
    metadata: { namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image, resources: { requests: { cpu } }, ...container }], ...pod } },
      ...spec,
    },
  });
