import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseAdmissionSettings } from '../core/admission/admission-setting.ts';
import { policySetting } from '../core/api/audit/policy-setting.ts';
import { CORS_ORIGINS_SYNTAX, parseCorsOrigins } from '../core/api/cors-setting.ts';
import { EKS_CLUSTER_SYNTAX, parseEksCluster } from '../core/auth/eks/eks-cluster-setting.ts';
import { readAuthenticationConfiguration } from '../core/auth/oidc/authentication-configuration.ts';
import { validateConfiguration } from '../core/auth/oidc/configuration-validation.ts';
import { CLOCK_RATE_SYNTAX, parseClockRate } from '../core/clusters/clock-rate-setting.ts';
import { EVENT_TTL, EVENT_TTL_SYNTAX, parseEventTtl } from '../core/controllers/event-ttl/event-ttl-setting.ts';
import { isClusterName, ROOT_CLUSTER } from '../core/kube/cluster-name.ts';
import { aggregate } from '../core/kube/status.ts';
import { parseRetention, RETENTION, RETENTION_SYNTAX } from '../core/replica/retention-setting.ts';
import { parseSchedulerConfiguration } from '../core/scheduler/configuration/scheduler-configuration.ts';
import { parseWebhookServices, WEBHOOK_SERVICES_SYNTAX } from '../core/webhooks/services-setting.ts';
import { isTarget } from './subscription-targets.ts';

/** What may be set in the environment of `sst deploy` (docs/deploy.md). Whatever is not understood stops the deployment. */
export const settings = {
  /** The cluster that the root path shows. */
  cluster: clusterName('LOGPLANE_CLUSTER', 'default'),
  /** How many nodes a new cluster gets. */
  nodes: count('LOGPLANE_NODES', 3, { least: 0 }),
  /** How long an Event stays after it was last written. */
  eventTtl: eventTtl('LOGPLANE_EVENT_TTL', EVENT_TTL),
  /** How long the past of a cluster can be read at least. */
  retention: retention('LOGPLANE_RETENTION', RETENTION),
  /** How fast the time of the default cluster goes; undefined: as it is set already. */
  clockRate: clockRate('LOGPLANE_CLOCK_RATE'),
  /** The origins whose pages may call the API. */
  corsOrigins: corsOrigins('LOGPLANE_CORS_ALLOWED_ORIGINS'),
  /** By which policy requests are audited, as its function is told; undefined: they are not. */
  auditPolicy: auditPolicy('LOGPLANE_AUDIT_POLICY_FILE'),
  /** Where Services are that webhooks are called by. */
  webhookServices: webhookServices('LOGPLANE_WEBHOOK_SERVICES'),
  /** Which admission plugins run besides the default ones, which of those do not, and what they are configured with: for every function that writes. */
  admission: admission({
    enable: 'LOGPLANE_ENABLE_ADMISSION_PLUGINS',
    disable: 'LOGPLANE_DISABLE_ADMISSION_PLUGINS',
    configuration: 'LOGPLANE_ADMISSION_CONFIGURATION',
  }),
  /** The queues, topics, event buses and functions of AWS that subscriptions may tell of changes, by their ARNs. */
  subscriptionTargets: subscriptionTargets('LOGPLANE_SUBSCRIPTION_TARGETS'),
  /** Whose tokens are good besides the deployment's own: the AuthenticationConfiguration in a file, as JSON. */
  authentication: authentication('LOGPLANE_AUTHENTICATION_CONFIG'),
  /** The schedulers of the clusters: the KubeSchedulerConfiguration in a file, as JSON. */
  scheduler: scheduler('LOGPLANE_SCHEDULER_CONFIG'),
  /** As which cluster of EKS users of AWS may know the default cluster. */
  eksCluster: eksCluster('LOGPLANE_EKS_CLUSTER'),
  /** Requests a second that the API takes from all clients together in the long run, and at once. */
  rate: count('LOGPLANE_RATE', 50),
  burst: count('LOGPLANE_BURST', 100),
  /** Requests and watches that the API serves at the same time. */
  apiConcurrency: count('LOGPLANE_API_CONCURRENCY', 100),
  /** Whether each function has executions of its own: no in an account that has too few of them. */
  reserveConcurrency: choice('LOGPLANE_RESERVE_CONCURRENCY', ['yes', 'no']) === 'yes',
  /** Where alarms are sent: e-mail addresses, or https URLs. */
  alarmsTo: (process.env.LOGPLANE_ALARMS_TO ?? '').split(/[\s,]+/).filter((address) => address !== ''),
};

function count(name: string, otherwise: number, { least = 1 }: { least?: number } = {}): number {
  const text = process.env[name] ?? String(otherwise);
  if (!/^\d+$/.test(text) || Number(text) < least) throw new Error(`${name} is a whole number from ${least} on, not ${JSON.stringify(text)}`);
  return Number(text);
}

function eventTtl(name: string, otherwise: string): string {
  const text = process.env[name] ?? otherwise;
  if (parseEventTtl(text) === undefined) throw new Error(`${name} is ${EVENT_TTL_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function retention(name: string, otherwise: string): string {
  const text = process.env[name] ?? otherwise;
  if (parseRetention(text) === undefined) throw new Error(`${name} is ${RETENTION_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function clockRate(name: string): string | undefined {
  const text = process.env[name];
  if (text !== undefined && parseClockRate(text) === undefined) throw new Error(`${name} is ${CLOCK_RATE_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function corsOrigins(name: string): string | undefined {
  const text = process.env[name];
  if (text !== undefined && !parseCorsOrigins(text)) throw new Error(`${name} is ${CORS_ORIGINS_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function auditPolicy(name: string): string | undefined {
  const file = process.env[name];
  if (file === undefined) return undefined;
  try {
    return policySetting(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${name} is a file with an audit policy (audit.k8s.io/v1), not ${JSON.stringify(file)}: ${(error as Error).message}`);
  }
}

function webhookServices(name: string): string | undefined {
  const text = process.env[name];
  if (text !== undefined && !parseWebhookServices(text)) throw new Error(`${name} is ${WEBHOOK_SERVICES_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function subscriptionTargets(name: string): readonly string[] {
  const arns = (process.env[name] ?? '').split(/[\s,]+/).filter((arn) => arn !== '');
  const wrong = arns.find((arn) => !isTarget(arn));
  if (wrong !== undefined) throw new Error(`${name} is a list of ARNs of queues, topics, event buses and functions, and ${JSON.stringify(wrong)} is none`);
  return arns;
}

/** The variables that are set. What goes wrong with one alone is told of it, what does not go together of the first. */
function admission(names: Readonly<Record<'enable' | 'disable' | 'configuration', string>>): Record<string, string> {
  const { configuration } = names;
  const set = Object.fromEntries(Object.values(names).flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const check = (name: string, given: Parameters<typeof parseAdmissionSettings>[0]) => {
    try {
      const text = process.env[configuration];
      parseAdmissionSettings({ ...given, configuration: text === undefined ? undefined : JSON.parse(text) });
    } catch (error) {
      throw new Error(`${name} is not understood: ${(error as Error).message}`);
    }
  };
  check(configuration, {});
  check(names.disable, { disable: process.env[names.disable] });
  check(names.enable, { enable: process.env[names.enable], disable: process.env[names.disable] });
  return set;
}

/** All variables of a function take 4 KB at most (AWS Lambda Developer Guide, "Lambda quotas"). */
const MOST_AUTHENTICATION = 2_500;

function authentication(name: string): string | undefined {
  const file = process.env[name];
  if (file === undefined) return undefined;
  const configuration = readAuthenticationConfiguration(readFileSync(file, 'utf8'));
  const { errors } = validateConfiguration(configuration, { ownIssuers: [] });
  if (errors.length > 0) throw new Error(`${file}: ${aggregate(errors)}`);
  const text = JSON.stringify(configuration);
  if (Buffer.byteLength(text) > MOST_AUTHENTICATION)
    throw new Error(`${file} takes ${Buffer.byteLength(text)} bytes as JSON, of ${MOST_AUTHENTICATION} that there is room for`);
  return text;
}

/** Beside what the API's function is told of authentication. */
const MOST_SCHEDULER = 1_000;

function scheduler(name: string): string | undefined {
  const file = process.env[name];
  if (file === undefined) return undefined;
  try {
    const configuration: unknown = parse(readFileSync(file, 'utf8'));
    parseSchedulerConfiguration(configuration);
    const text = JSON.stringify(configuration);
    if (Buffer.byteLength(text) > MOST_SCHEDULER)
      throw new Error(`it takes ${Buffer.byteLength(text)} bytes as JSON, of ${MOST_SCHEDULER} that there is room for`);
    return text;
  } catch (error) {
    throw new Error(
      `${name} is a file with a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), not ${JSON.stringify(file)}: ${(error as Error).message}`,
    );
  }
}

function eksCluster(name: string): string | undefined {
  const text = process.env[name];
  if (text !== undefined && !parseEksCluster(text)) throw new Error(`${name} is ${EKS_CLUSTER_SYNTAX}, not ${JSON.stringify(text)}`);
  return text;
}

function clusterName(name: string, otherwise: string): string {
  const text = process.env[name] ?? otherwise;
  if (!isClusterName(text) || text === ROOT_CLUSTER)
    throw new Error(`${name} is the name of a cluster (lower case letters, digits and -; not ${ROOT_CLUSTER}), not ${JSON.stringify(text)}`);
  return text;
}

/** The first one unless told. */
function choice(name: string, values: readonly [string, ...string[]]): string {
  const text = process.env[name] ?? values[0];
  if (!values.includes(text)) throw new Error(`${name} is one of ${values.join(', ')}, not ${JSON.stringify(text)}`);
  return text;
}
