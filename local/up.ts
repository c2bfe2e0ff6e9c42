import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { type AdmissionSettings, parseAdmissionSettings } from '../core/admission/admission-setting.ts';
import { admissionPlugins } from '../core/admission/plugins.ts';
import type { Audit } from '../core/api/audit/audit-trail.ts';
import { apisOf } from '../core/apis/apis.ts';
import type { EksCluster } from '../core/auth/eks/eks-cluster-setting.ts';
import { type AuthenticationConfiguration, readAuthenticationConfiguration } from '../core/auth/oidc/authentication-configuration.ts';
import { systemEnv } from '../core/env.ts';
import type { EventLog } from '../core/log/log.ts';
import { profilesOf } from '../core/scheduler/configuration/profile-plugins.ts';
import { parseSchedulerConfiguration } from '../core/scheduler/configuration/scheduler-configuration.ts';
import type { SchedulerProfiles } from '../core/scheduler/profiles.ts';
import type { WebhookServices } from '../core/webhooks/services-setting.ts';
import { acceptLoss } from './accept-loss.ts';
import { apply } from './apply.ts';
import { type Auditing, auditingBy } from './auditing.ts';
import { Host } from './host.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type Manifest, readManifests } from './manifests.ts';
import { type ProgressResult, showProgress } from './progress.ts';
import { secrets } from './secrets.ts';
import { inJson, inSilence, inText, type UpTold } from './up-told.ts';

interface UpOptions {
  readonly filenames: readonly string[];
  readonly port: number;
  /** Where it listens; 127.0.0.1, unless told. */
  readonly address?: string;
  /** Where the log is kept; with `memory` the kubeconfig alone, if it is named. */
  readonly data?: string;
  readonly memory: boolean;
  readonly acceptDataLoss: boolean;
  readonly nodes: number;
  /** Of which EC2 instance type they are, in a cluster that looks as EKS makes it; none: a plain one. */
  readonly instanceType?: string;
  /** Whether a new plain cluster has metrics-server. */
  readonly metricsServer: boolean;
  /** How long an Event stays after its last write; 0: for ever. */
  readonly eventTtlMs: number;
  /** How long the past can be read at least; 0: for ever. */
  readonly retentionMs: number;
  /** At which rate the cluster's time goes; as it did before, unless told. */
  readonly clockRate?: number;
  /** The origins whose pages may call. */
  readonly corsAllowedOrigins?: readonly string[];
  /** Requests that are served at the same time. */
  readonly maxRequestsInflight: number;
  /** By which policy requests are audited; they are not, unless told. */
  readonly auditPolicyFile?: string;
  /** Where to: a file, or - for standard output. */
  readonly auditLogPath?: string;
  /** In megabytes, in files, in days. */
  readonly auditLogMaxsize: number;
  readonly auditLogMaxbackup: number;
  readonly auditLogMaxage: number;
  /** Where Services are that webhooks are called by. */
  readonly webhookServices?: WebhookServices;
  /** What of AWS subscriptions may tell of changes, as they name it. */
  readonly subscriptionTargets?: readonly string[];
  /** Names of admission plugins, with commas between them. */
  readonly enableAdmissionPlugins?: string;
  readonly disableAdmissionPlugins?: string;
  /** The path of an AdmissionConfiguration. */
  readonly admissionControlConfigFile?: string;
  /** The path of a KubeSchedulerConfiguration. */
  readonly schedulerConfig?: string;
  /** The file of an AuthenticationConfiguration. */
  readonly authenticationConfig?: string;
  readonly eksCluster?: EksCluster;
  readonly kubeconfig?: string;
  readonly exitWhenReady: boolean;
  readonly quiet: boolean;
  readonly output: 'text' | 'json';
}

const CLUSTER = 'default';
const DATA = '.logplane';

/** Runs a cluster until SIGINT or SIGTERM. Returns the exit code: 0, or 1 when it could not start or could not apply what it was given. */
export async function up(options: UpOptions): Promise<number> {
  const tell = (options.quiet ? inSilence : options.output === 'json' ? inJson : inText)({ out: process.stdout, err: process.stderr });
  const fail = (error: unknown) => {
    process.stderr.write(`logplane: ${messageOf(error)}\n`);
    return 1;
  };
  let manifests: Manifest[];
  let host: Host | undefined;
  let auditing: Auditing | undefined;
  let kubeconfig: string;
  try {
    manifests = await readManifests(options.filenames);
    auditing = auditingBy(options, problem);
    host = await start(options, auditing?.audit);
    kubeconfig = giveKubeconfig(host, options);
  } catch (error) {
    await host?.close();
    await auditing?.close();
    return fail(error);
  }
  const stop = new AbortController();
  // Ctrl-C comes from the terminal and from npm; what comes after the first one must not end the process before the log is closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

  const data = options.memory ? undefined : path.resolve(options.data ?? DATA);
  tell.serving({ url: host.url, link: () => host.signInUrl(), kubeconfig, data });
  const started = performance.now();
  const refused = await applyAll(host, manifests, tell);
  let outcome: ProgressResult = refused ? 'failed' : 'ready';
  if (manifests.length > 0 && !refused) {
    const replica = (await host.replica(CLUSTER))!;
    outcome = await showProgress({ replica, manifests, out: tell.progress, signal: stop.signal });
    tell.came(outcome, (performance.now() - started) / 1000);
  }
  if (!options.exitWhenReady && !stop.signal.aborted) {
    tell.waiting();
    await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  await host.close();
  await auditing?.close();
  tell.stopped();
  return refused || (options.exitWhenReady && outcome !== 'ready') ? 1 : 0;
}

async function start(options: UpOptions, audit: Audit | undefined): Promise<Host> {
  const {
    data,
    memory,
    port,
    nodes,
    eventTtlMs,
    retentionMs,
    clockRate,
    corsAllowedOrigins,
    acceptDataLoss,
    webhookServices,
    subscriptionTargets,
    maxRequestsInflight,
  } = options;
  const plugins = admissionPlugins(admissionSettings(options));
  const schedulerProfiles = options.schedulerConfig === undefined ? undefined : readSchedulerProfiles(options.schedulerConfig);
  const authentication = options.authenticationConfig === undefined ? undefined : readConfiguration(options.authenticationConfig);
  const dir = memory ? undefined : path.resolve(data ?? DATA);
  // The log holds Secrets: from here on files are created for their owner alone.
  process.umask(0o077);
  if (dir) makeFolder(dir);
  const log = await openLog(dir, acceptDataLoss);
  try {
    return await Host.start({
      log,
      env: systemEnv,
      secrets: secrets(dir),
      pkiDir: dir && path.join(dir, 'pki'),
      port,
      ...(options.address !== undefined && { address: options.address }),
      nodes,
      metricsServer: options.metricsServer,
      ...(options.instanceType !== undefined && { instanceType: options.instanceType }),
      eventTtlMs,
      retentionMs,
      ...(clockRate !== undefined && { clockRate }),
      ...(corsAllowedOrigins && { corsOrigins: corsAllowedOrigins }),
      ...(audit && { audit }),
      maxRequestsInFlight: maxRequestsInflight,
      ...(webhookServices && { webhookServices }),
      ...(subscriptionTargets && { subscriptionTargets }),
      admissionPlugins: plugins,
      ...(schedulerProfiles && { schedulerProfiles }),
      ...(authentication && { authentication }),
      ...(options.eksCluster && { eksCluster: options.eksCluster }),
      cluster: CLUSTER,
      problem,
    });
  } catch (error) {
    await log.close();
    throw error;
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is a file' : messageOf(error).split(', ')[0];
    throw new Error(`${dir} cannot be used: ${reason}. --data names another directory, --memory keeps nothing`, { cause: error });
  }
}

function admissionSettings({
  enableAdmissionPlugins: enable,
  disableAdmissionPlugins: disable,
  admissionControlConfigFile: file,
}: UpOptions): AdmissionSettings {
  return parseAdmissionSettings({ enable, disable, configuration: file === undefined ? undefined : parse(readFileSync(file, 'utf8')) });
}

/** Throws with what is wrong with the file. */
function readSchedulerProfiles(file: string): SchedulerProfiles {
  try {
    return profilesOf(parseSchedulerConfiguration(parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`);
  }
}

/** Throws with what is wrong with the file. */
function readConfiguration(file: string): AuthenticationConfiguration {
  try {
    return readAuthenticationConfiguration(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`);
  }
}

/** The SQLite adapter is loaded only when it is used: `--memory` needs no more than Node. */
async function openLog(dir: string | undefined, acceptDataLoss: boolean): Promise<EventLog> {
  if (!dir) return (await import('../core/log/memory/memory-log.ts')).memoryLog();
  const { sqliteLog } = await import('../core/log/sqlite/sqlite-log.ts');
  const log = sqliteLog({ file: path.join(dir, 'log.sqlite'), acceptLoss: acceptDataLoss, problem });
  await acceptLoss({ log, env: systemEnv, report: problem });
  return log;
}

function problem(message: string, error?: unknown): void {
  const reason = error === undefined ? '' : `: ${error instanceof Error ? error.stack : error}`;
  process.stderr.write(`logplane: ${message}${reason}\n`);
}

function giveKubeconfig({ url, ca, token }: Host, { kubeconfig, memory, data }: UpOptions): string {
  const file = path.resolve(kubeconfig ?? path.join(data ?? (memory ? mkdtempSync(path.join(tmpdir(), 'logplane-')) : DATA), 'kubeconfig'));
  writeKubeconfig(file, { server: url, ca, token, cluster: CLUSTER });
  return file;
}

/** Applies each manifest and tells what became of it, as kubectl does; goes on after a refused one. Returns whether any was refused. */
async function applyAll(host: Host, manifests: readonly Manifest[], tell: UpTold): Promise<boolean> {
  const fetch = (target: string, init: RequestInit) =>
    host.fetch(new Request(host.url, { ...init, headers: { ...init.headers, authorization: `Bearer ${host.token}` } }), { target });
  let failed = false;
  const replica = (await host.replica(CLUSTER))!;
  const counts = { created: 0, configured: 0, unchanged: 0 };
  for (const { object, source } of manifests) {
    try {
      counts[await apply(fetch, object, apisOf(replica.state))]++;
    } catch (error) {
      failed = true;
      tell.refused({ source, object: `${object.kind} ${object.metadata.name}`, message: messageOf(error) });
    }
  }
  if (manifests.length > 0) tell.applied(counts);
  return failed;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken: is a cluster running already? --port chooses another`;
  const advice = adviceOn(error);
  return advice ? `${error.message}. ${advice}` : error.message;
}

function adviceOn({ name }: Error): string | undefined {
  if (name === 'LogInUse') return 'Stop that one first, or choose another directory (--data)';
  if (name !== 'LogLost' && name !== 'LogDamaged') return undefined;
  const orElse = name === 'LogLost' ? ', or go on with what is left (--accept-data-loss)' : '';
  return `Put back log.sqlite, log.sqlite-wal and log.sqlite-end from one copy, or begin anew with another directory (--data)${orElse}`;
}
