/// <reference path="../sst-env.d.ts" />
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Resource } from 'sst';
import { parseAdmissionSettings } from '../core/admission/admission-setting.ts';
import type { AskPort } from '../core/admission/ask.ts';
import type { AdmissionPlugin } from '../core/admission/plugin.ts';
import { admissionPlugins } from '../core/admission/plugins.ts';
import type { Audit } from '../core/api/audit/audit-trail.ts';
import { lineSink } from '../core/api/audit/line-sink.ts';
import { policyOfSetting } from '../core/api/audit/policy-setting.ts';
import { CORS_ORIGINS_SYNTAX, parseCorsOrigins } from '../core/api/cors-setting.ts';
import { MANIFEST, type PageFiles, type PageManifest, pageFilesOf } from '../core/api/ui/page-files.ts';
import { EKS_CLUSTER_SYNTAX, type EksCluster, parseEksCluster } from '../core/auth/eks/eks-cluster-setting.ts';
import type { HttpsGet } from '../core/auth/https-get.ts';
import { type AuthenticationConfiguration, readAuthenticationConfiguration } from '../core/auth/oidc/authentication-configuration.ts';
import { CLOCK_RATE_SYNTAX, parseClockRate } from '../core/clusters/clock-rate-setting.ts';
import { clustersWanted } from '../core/clusters/clusters-wanted.ts';
import { EVENT_TTL, EVENT_TTL_SYNTAX, parseEventTtl } from '../core/controllers/event-ttl/event-ttl-setting.ts';
import { type Env, systemEnv } from '../core/env.ts';
import { type DynamodbLog, dynamodbLog } from '../core/log/dynamodb/dynamodb-log.ts';
import { SqsQueues } from '../core/reconcile/sqs-queues.ts';
import { sqsWakeups } from '../core/reconcile/sqs-wakeups.ts';
import type { Wakeups } from '../core/reconcile/wakeups.ts';
import type { OccasionalWorker } from '../core/reconcile/worker.ts';
import { parseRetention, RETENTION, RETENTION_SYNTAX } from '../core/replica/retention-setting.ts';
import { profilesOf } from '../core/scheduler/configuration/profile-plugins.ts';
import { parseSchedulerConfiguration } from '../core/scheduler/configuration/scheduler-configuration.ts';
import type { SchedulerProfiles } from '../core/scheduler/profiles.ts';
import { subscriptionsOf } from '../core/subscriptions/worker.ts';
import { httpsGet } from '../core/webhooks/https-get.ts';
import { parseWebhookServices, WEBHOOK_SERVICES_SYNTAX, type WebhookServices } from '../core/webhooks/services-setting.ts';
import { webhooks } from '../core/webhooks/webhooks.ts';

/** What the functions are made of. Only this file knows where it comes from: what SST links, and the environment. */
export interface Wiring {
  readonly env: Env;
  readonly log: DynamodbLog;
  readonly queues: SqsQueues;
  /** The queues for writers: a commit succeeds when its wake-up is not sent. */
  readonly wakeups: Wakeups;
  /** The cluster that the root path shows, and that is made if there is none. */
  readonly defaultCluster: string;
  /** How many nodes a new cluster gets, unless it says so itself. */
  readonly nodes: number;
  /** What every writer's changes go through, in this order. */
  readonly admissionPlugins: readonly AdmissionPlugin[];
  /** Reaches webhooks. */
  readonly ask: AskPort;
  /** Asks issuers and STS. */
  readonly get: HttpsGet;
  /** How much memory the clusters that a container keeps open may take together. */
  readonly budgetBytes: number;
  /** How often a wake-up is received before it is put aside. */
  readonly maxReceives: number;
  /** Told of what goes wrong inside: bugs and failing services, never what a client did wrong. */
  readonly problem: (message: string, error: unknown) => void;
}

/** The workers that few changes are for. Each has a queue of its own, to which nothing is sent where the state of a cluster has no work for it. */
export const occasionalWorkers: readonly OccasionalWorker[] = [clustersWanted, subscriptionsOf];

/**
 * Put together once for a container, before its first invocation. `writer`: the reconciler that the function runs, if any. The clients do not
 * retry: the adapters do.
 */
export function wire({ writer }: { writer?: string } = {}): Wiring {
  const env = systemEnv;
  const { table, scheduler, controllers, nodes, clusters, subscriptions, delayed } = Resource.Places;
  const problem = (message: string, error: unknown) => console.error(message, error);
  const queues = new SqsQueues({
    client: new SQSClient({ maxAttempts: 1 }),
    env,
    wakeups: { scheduler, controllers, nodes },
    occasional: { clusters, subscriptions },
    delayed,
  });
  return {
    env,
    log: dynamodbLog({ client: new DynamoDBClient({ maxAttempts: 1 }), table, env }),
    queues,
    wakeups: sqsWakeups({ queues, writer, occasional: occasionalWorkers, lost: (error) => problem('a wake-up was not sent', error) }),
    defaultCluster: process.env['LOGPLANE_CLUSTER'] ?? 'default',
    nodes: Number(process.env['LOGPLANE_NODES'] ?? 3),
    admissionPlugins: admissionPlugins(
      parseAdmissionSettings({
        enable: process.env['LOGPLANE_ENABLE_ADMISSION_PLUGINS'],
        disable: process.env['LOGPLANE_DISABLE_ADMISSION_PLUGINS'],
        configuration: admissionConfiguration(),
      }),
    ),
    ask: webhooks({ clock: env.clock, allowsPrivate: false, services: webhookServices() }),
    get: httpsGet({ clock: env.clock, allowsPrivate: false }),
    // The rest is for what a burst of work needs; the functions have from 256 MB on.
    budgetBytes: 0.3 * Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 1_024) * 1_024 ** 2,
    maxReceives: Number(process.env['LOGPLANE_MAX_RECEIVES'] ?? Number.POSITIVE_INFINITY),
    problem,
  };
}

function admissionConfiguration(): unknown {
  const text = process.env['LOGPLANE_ADMISSION_CONFIGURATION'];
  return text === undefined ? undefined : JSON.parse(text);
}

/** The schedulers of the clusters; undefined: one, with Kubernetes' defaults. Only the scheduler and the API need them. Throws when they are not understood. */
export function schedulerProfiles(): SchedulerProfiles | undefined {
  const text = process.env['LOGPLANE_SCHEDULER_CONFIGURATION'];
  return text === undefined ? undefined : profilesOf(parseSchedulerConfiguration(JSON.parse(text)));
}

/** How long an Event stays after its last write; 0: for ever. Only the controllers need it. Throws when it is not understood. */
export function eventTtlMs(): number {
  const text = process.env['LOGPLANE_EVENT_TTL'] ?? EVENT_TTL;
  const ms = parseEventTtl(text);
  if (ms === undefined) throw new Error(`LOGPLANE_EVENT_TTL is ${EVENT_TTL_SYNTAX}, not ${JSON.stringify(text)}`);
  return ms;
}

/** How fast the time of the default cluster goes; undefined: as it is set already. Only the API, which makes that cluster, sets it. Throws when it is not understood. */
export function clockRate(): number | undefined {
  const text = process.env['LOGPLANE_CLOCK_RATE'];
  if (text === undefined) return undefined;
  const rate = parseClockRate(text);
  if (rate === undefined) throw new Error(`LOGPLANE_CLOCK_RATE is ${CLOCK_RATE_SYNTAX}, not ${JSON.stringify(text)}`);
  return rate;
}

/** The origins whose pages may call the API. Throws when one is not understood. */
export function corsOrigins(): readonly string[] {
  const text = process.env['LOGPLANE_CORS_ALLOWED_ORIGINS'] ?? '';
  const origins = parseCorsOrigins(text);
  if (!origins) throw new Error(`LOGPLANE_CORS_ALLOWED_ORIGINS is ${CORS_ORIGINS_SYNTAX}, not ${JSON.stringify(text)}`);
  return origins;
}

/** By which policy requests are audited, into the log of the function; undefined: they are not. */
export function auditing(problem: Wiring['problem']): Audit | undefined {
  const setting = process.env['LOGPLANE_AUDIT_POLICY'];
  if (setting === undefined) return undefined;
  // What is written to standard output as JSON, CloudWatch takes as it is (AWS Lambda Developer Guide, "Using structured JSON logs with Node.js").
  return { policy: policyOfSetting(setting), sink: lineSink({ write: (line) => void process.stdout.write(line), maxBytes: LOG_EVENT_BYTES, problem }) };
}

/** An event of CloudWatch Logs has 256 KB at most, with what Lambda adds to it (CloudWatch Logs User Guide, "Quotas"). */
const LOG_EVENT_BYTES = 250_000;

/** Where Services are that webhooks are called by. Throws when it is not understood. */
function webhookServices(): WebhookServices {
  const text = process.env['LOGPLANE_WEBHOOK_SERVICES'] ?? '';
  const services = parseWebhookServices(text);
  if (!services) throw new Error(`LOGPLANE_WEBHOOK_SERVICES is ${WEBHOOK_SERVICES_SYNTAX}, not ${JSON.stringify(text)}`);
  return services;
}

/** Whose tokens are good besides the deployment's own; undefined: nobody's. Only the API needs it. Throws when it is not understood. */
export function authenticationConfiguration(): AuthenticationConfiguration | undefined {
  const text = process.env['LOGPLANE_AUTHENTICATION'];
  return text === undefined ? undefined : readAuthenticationConfiguration(text);
}

/** As which cluster of EKS users of AWS may know the default cluster; undefined: as none. Throws when it is not understood. */
export function eksCluster(): EksCluster | undefined {
  const text = process.env['LOGPLANE_EKS_CLUSTER'];
  if (text === undefined) return undefined;
  const cluster = parseEksCluster(text);
  if (!cluster) throw new Error(`LOGPLANE_EKS_CLUSTER is ${EKS_CLUSTER_SYNTAX}, not ${JSON.stringify(text)}`);
  return cluster;
}

/** How long the past can be read at least; 0: for ever. Only the function that takes snapshots needs it. Throws when it is not understood. */
export function retentionMs(): number {
  const text = process.env['LOGPLANE_RETENTION'] ?? RETENTION;
  const ms = parseRetention(text);
  if (ms === undefined) throw new Error(`LOGPLANE_RETENTION is ${RETENTION_SYNTAX}, not ${JSON.stringify(text)}`);
  return ms;
}

/** The files of the page, which the deployment has put beside the function. */
export function pageFiles(): PageFiles {
  const folder = path.join(process.env['LAMBDA_TASK_ROOT'] ?? '.', 'ui');
  const manifest = JSON.parse(readFileSync(path.join(folder, MANIFEST), 'utf8')) as PageManifest;
  return pageFilesOf(manifest, (name) => readFileSync(path.join(folder, name)));
}

/** What the API server knows. Each secret is a list, between white space: the first is the one in use, the others are still taken (docs/deploy.md, "Change the secrets"). */
interface Secrets {
  /** The administrators' bearer tokens, any of which is good. */
  readonly tokens: readonly string[];
  /** Signs the tokens of service accounts, and the clusters' certificates. */
  readonly signingKey: Uint8Array;
  /** Signed tokens before, which are good until they expire. */
  readonly previousSigningKeys: readonly Uint8Array[];
}

/** Throws when one is missing or not worth the name, so that nothing is served. */
export function secrets(): Secrets {
  const tokens = listOf('LogplaneToken', Resource.LogplaneToken.value, MIN_TOKEN);
  const [signingKey, ...previousSigningKeys] = signingKeys();
  return { tokens, signingKey, previousSigningKeys };
}

/** What the controllers know too. */
export function signingKeys(): readonly [Uint8Array, ...Uint8Array[]] {
  const keys = listOf('LogplaneSigningKey', Resource.LogplaneSigningKey.value, MIN_KEY).map((text) => Buffer.from(text, 'base64'));
  return keys as unknown as readonly [Uint8Array, ...Uint8Array[]];
}

function listOf(name: string, value: string, minLength: number): readonly string[] {
  const list = value.trim().split(/\s+/);
  if (list.some(({ length }) => length < minLength)) throw new Error(`each value of the secret ${name} needs at least ${minLength} characters`);
  return list;
}

const MIN_TOKEN = 20;

/** 32 bytes in base64, with or without its padding. */
const MIN_KEY = 43;
