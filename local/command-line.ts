import { Command, InvalidArgumentError, Option } from 'commander';
import { CORS_ORIGINS_SYNTAX, parseCorsOrigins } from '../core/api/cors-setting.ts';
import { READY } from '../core/apis/logplane/plan.ts';
import { EKS_CLUSTER_SYNTAX, type EksCluster, parseEksCluster } from '../core/auth/eks/eks-cluster-setting.ts';
import { INSTANCE_TYPE } from '../core/bootstrap/cluster-shape.ts';
import { CLOCK_RATE_SYNTAX, parseClockRate } from '../core/clusters/clock-rate-setting.ts';
import { EVENT_TTL, EVENT_TTL_SYNTAX, parseEventTtl } from '../core/controllers/event-ttl/event-ttl-setting.ts';
import { parseGoDuration } from '../core/kube/go-duration.ts';
import { instanceType } from '../core/nodes/ec2/instance-type.ts';
import { NODE_GROUP } from '../core/nodes/ec2/node-group.ts';
import { parseRetention, RETENTION, RETENTION_SYNTAX } from '../core/replica/retention-setting.ts';
import type { Taint } from '../core/schema/generated/kinds.ts';
import { parseWebhookServices, WEBHOOK_SERVICES_SYNTAX, type WebhookServices } from '../core/webhooks/services-setting.ts';
import { addNodes, parseLabels, parseTaints } from './add-nodes.ts';
import { applyAtomically } from './apply-atomically.ts';
import { credential } from './credential.ts';
import { askPlan, type PlanCommand } from './plan.ts';
import { signInLink } from './sign-in-link.ts';
import { up } from './up.ts';

/** The command line of the local host. */
export const commandLine = new Command('logplane')
  .description('A Kubernetes control plane with no servers: the cluster is a log.')
  .version('0.1.0')
  .showHelpAfterError('(--help lists the options)');

commandLine
  .command('up')
  .description('Run a cluster on this machine until it is stopped (Ctrl-C).')
  .option('-f, --filename <path>', 'a manifest to apply: a file, a folder (recursively) or - for standard input; may be repeated', collect)
  .option('-p, --port <port>', 'port on 127.0.0.1 (0: any free one)', integer(0, 65_535), 7443)
  .option('-d, --data <dir>', 'where the log is kept (default: .logplane)')
  .option('-m, --memory', 'keep nothing on disk: the cluster ends with the process')
  .option('--accept-data-loss', 'go on with what the log still holds, although more was acknowledged')
  .option('-n, --nodes <count>', 'how many nodes a new cluster gets (default: 3); alone, of a plain cluster', integer(0, 5000))
  .option('--instance-type <type>', `of which EC2 instance type the nodes of a new EKS cluster are (default: ${INSTANCE_TYPE})`, ec2Type)
  .addOption(
    new Option('--profile <profile>', 'what a new cluster looks like: as EKS makes it, or plain (default: eks, with --nodes alone plain)').choices([
      'eks',
      'plain',
    ]),
  )
  .option('--metrics-server', 'whether a new plain cluster has metrics-server, so that kubectl top and autoscalers work (it can be installed later too)')
  .option('--event-ttl <duration>', 'how long an Event stays after it was last written (0: for ever)', eventTtl, parseEventTtl(EVENT_TTL)!)
  .option('--retention <duration>', 'how long the past can be read at least (0: for ever)', retention, parseRetention(RETENTION)!)
  .option('--clock-rate <rate>', "how fast the cluster's time goes: 60 is a minute a second, 0 stands still (default: as before, 1 at first)", clockRate)
  .option(
    '--cors-allowed-origins <list>',
    'regular expressions of the origins whose pages may call the API, with commas between them (default: none)',
    corsOrigins,
  )
  .option('--max-requests-inflight <count>', 'requests that are served at the same time, of all clients but administrators', integer(1, 1_000_000), 600)
  .option('--audit-policy-file <file>', 'by which policy (audit.k8s.io/v1) requests are audited (default: they are not)')
  .option('--audit-log-path <file>', 'where audit events are written, a line of JSON each; - is standard output')
  .option('--audit-log-maxsize <megabytes>', 'how large that file becomes before another one is begun', integer(1, 1_000_000), 100)
  .option('--audit-log-maxbackup <count>', 'how many old files are kept (0: all)', integer(0, 1_000_000), 0)
  .option('--audit-log-maxage <days>', 'for how many days old files are kept (0: for ever)', integer(0, 1_000_000), 0)
  .option(
    '--webhook-services <list>',
    'where Services are that webhooks are called by, namespace/name:port=https://host:port, with commas between them (default: where the cluster says)',
    webhookServices,
  )
  .option(
    '--subscription-targets <name>',
    'a queue, topic, event bus or function of AWS that subscriptions may tell of changes, as they name it; may be repeated (default: none)',
    collect,
  )
  .option('--enable-admission-plugins <list>', 'admission plugins that run besides the default ones, with commas between them (default: none)')
  .option('--disable-admission-plugins <list>', 'default admission plugins that do not run (default: none)')
  .option('--admission-control-config-file <file>', 'an AdmissionConfiguration, as kube-apiserver takes it')
  .option('--scheduler-config <file>', "a KubeSchedulerConfiguration: the schedulers' profiles (default: one, as in Kubernetes)")
  .option('--authentication-config <file>', "an AuthenticationConfiguration: whose tokens are good besides those of the host (default: nobody's)")
  .option('--eks-cluster <region/name>', 'let users of AWS in, who know the cluster by this name: aws eks get-token --cluster-name (default: none)', eksCluster)
  .option('-k, --kubeconfig <file>', 'where to write the kubeconfig (default: kubeconfig in the data directory)')
  .option('--exit-when-ready', 'stop once everything from -f is ready')
  .option('-q, --quiet', 'print nothing but problems')
  .action(
    async ({ filename: filenames = [], memory = false, acceptDataLoss = false, metricsServer = false, exitWhenReady = false, quiet = false, ...options }) => {
      const { eventTtl: eventTtlMs, retention: retentionMs, nodes, instanceType, profile, ...others } = options;
      if (profile === 'plain' && instanceType) commandLine.error("error: --instance-type is for EKS' profile.");
      const isEks = profile ? profile === 'eks' : nodes === undefined || instanceType !== undefined;
      const shape = { nodes: nodes ?? 3, ...(isEks && { instanceType: instanceType ?? INSTANCE_TYPE }) };
      process.exitCode = await up({ ...others, ...shape, filenames, memory, acceptDataLoss, metricsServer, exitWhenReady, quiet, eventTtlMs, retentionMs });
    },
  );

commandLine
  .command('nodes')
  .description('Change the nodes of a running cluster.')
  .command('add')
  .description('Add EC2 instances to it, as a managed node group that grows does.')
  .requiredOption('-t, --type <type>', 'of which EC2 instance type', ec2Type)
  .option('-z, --zone <zone>', 'in which availability zone', zone, 'eu-west-1a')
  .option('-c, --count <count>', 'how many', integer(1, 5000), 1)
  .option('-g, --nodegroup <name>', 'of which node group', NODE_GROUP)
  .option('--spot', 'as spot instances')
  .option('-l, --labels <list>', 'more labels, key=value, with commas between them', labels)
  .option('--taints <list>', 'taints, key=value:Effect, with commas between them', taints)
  .option('-k, --kubeconfig <file>', 'of which cluster, as the host has written it', '.logplane/kubeconfig')
  .action(async ({ spot = false, labels = {}, taints = [], ...options }) => {
    try {
      for (const name of await addNodes({ ...options, spot, labels, taints }, Date.now())) process.stdout.write(`node/${name} created\n`);
    } catch (error) {
      process.stderr.write(`logplane: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  });

commandLine
  .command('apply')
  .description('Apply manifests to a running cluster as one transaction: all of them, or none (kubectl apply does it one by one).')
  .requiredOption('--atomic', 'as one Transaction')
  .requiredOption('-f, --filename <path>', 'a file, a folder (recursively) or - for standard input; may be repeated', collect)
  .option('-n, --namespace <namespace>', 'of objects that name none, and of the record', 'default')
  .option('--field-manager <name>', 'as which field manager', 'logplane-apply')
  .option('--force-conflicts', 'take over what belongs to other field managers')
  .option('--dry-run', 'write nothing')
  .option('-k, --kubeconfig <file>', 'of which cluster, as the host has written it', '.logplane/kubeconfig')
  .action(async ({ forceConflicts: force = false, dryRun = false, ...options }) => {
    try {
      for (const line of await applyAtomically({ ...options, force, dryRun })) process.stdout.write(`${line}\n`);
    } catch (error) {
      process.stderr.write(`logplane: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  });

commandLine
  .command('plan')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NO_PLAN))
  .description(
    'Tell what would happen if manifests were applied to a running cluster, or something else came to pass. Exit code 0: all would be well, 1: something would fail, 2: there is no plan.',
  )
  .option('-f, --filename <path>', 'a manifest: a file, a folder (recursively) or - for standard input; may be repeated', collect)
  .option('--until <when>', 'how far to look: ready, or a duration such as 10m or 24h', until, READY)
  .option('--drain <node>', 'drain a node; may be repeated', collect)
  .option('--cordon <node>', 'make a node unschedulable; may be repeated', collect)
  .option('--remove <node>', 'delete a node; may be repeated', collect)
  .option('--fail <node>', 'lose the machine of a node; may be repeated', collect)
  .option('--fail-zone <zone>', 'lose all machines of an availability zone; may be repeated', collect)
  .addOption(new Option('-o, --output <form>', 'how to print it').choices(['table', 'json', 'junit']).default('table'))
  .option('--seed <number>', 'of chance, and of the names that are drawn', integer(0, 0xffff_ffff), 1)
  .option('--field-manager <name>', 'as which field manager the manifests are applied', 'kubectl')
  .option('--force-conflicts', 'take over fields of other managers')
  .option('--ask-webhooks', 'ask admission webhooks that have no side effects, or none on dry run')
  .option('-n, --namespace <name>', "of manifests that do not name one (default: that of the kubeconfig's context)")
  .option('-k, --kubeconfig <file>', 'of which cluster', process.env['KUBECONFIG'] || '.logplane/kubeconfig')
  .action(async ({ filename: filenames = [], forceConflicts = false, askWebhooks = false, output, drain, cordon, remove, fail, failZone = [], ...options }) => {
    const ofNodes = ([type, nodes]: readonly [NodeChange, readonly string[] | undefined]) => (nodes ? [{ type, nodes }] : []);
    const named = (
      [
        ['Cordon', cordon],
        ['Drain', drain],
        ['Remove', remove],
        ['Fail', fail],
      ] as const
    ).flatMap(ofNodes);
    const changes = [...named, ...failZone.map((zone: string) => ({ type: 'Fail' as const, zone }))];
    if (filenames.length + changes.length === 0)
      commandLine.error('error: a plan needs manifests (-f), or something that comes to pass (--drain, --fail-zone, …).', { exitCode: NO_PLAN });
    try {
      const columns = process.stdout.columns ?? 160;
      const { text, exitCode } = await askPlan({
        ...options,
        filenames,
        changes,
        forceConflicts,
        askWebhooks,
        output: output as PlanCommand['output'],
        columns,
      });
      process.stdout.write(text);
      process.exitCode = exitCode;
    } catch (error) {
      process.stderr.write(`logplane: ${(error as Error).message}\n`);
      process.exitCode = NO_PLAN;
    }
  });

const NO_PLAN = 2;

type NodeChange = 'Cordon' | 'Drain' | 'Remove' | 'Fail';

commandLine
  .command('ui')
  .description('Print a link that signs in to the page of a running host: once, and for a quarter of an hour.')
  .option('-k, --kubeconfig <file>', 'of which host, as it has written it', '.logplane/kubeconfig')
  .action(async ({ kubeconfig }) => {
    try {
      process.stdout.write(`${await signInLink(kubeconfig)}\n`);
    } catch (error) {
      process.stderr.write(`logplane: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  });

commandLine
  .command('credential')
  .description('Print a credential for kubectl, made of a client certificate and its key: for clusters whose TLS ends before the API server.')
  .requiredOption('-c, --certificate <file>', 'the certificate (PEM)')
  .requiredOption('-k, --key <file>', 'its private key (PEM)')
  .option('-s, --server <url>', 'the URL of the cluster (default: what kubectl says it calls)')
  .action(async (options) => {
    try {
      const made = await credential(options, { execInfo: process.env['KUBERNETES_EXEC_INFO'], now: Date.now() });
      process.stdout.write(`${JSON.stringify(made)}\n`);
    } catch (error) {
      process.stderr.write(`logplane: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  });

function ec2Type(name: string): string {
  if (!instanceType(name)) throw new InvalidArgumentError('There is no such EC2 instance type.');
  return name;
}

function zone(name: string): string {
  if (!/^[a-z]{2}(-[a-z]+)+-\d[a-f]$/.test(name)) throw new InvalidArgumentError('An availability zone is needed, such as eu-west-1a.');
  return name;
}

function labels(list: string): Record<string, string> {
  const parsed = parseLabels(list);
  if (!parsed) throw new InvalidArgumentError('key=value is needed, with commas between several.');
  return parsed;
}

function taints(list: string): Taint[] {
  const parsed = parseTaints(list);
  if (!parsed) throw new InvalidArgumentError('key=value:Effect is needed, with commas between several.');
  return parsed;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function eventTtl(text: string): number {
  const ms = parseEventTtl(text);
  if (ms === undefined) throw new InvalidArgumentError(`${EVENT_TTL_SYNTAX} is needed.`);
  return ms;
}

function retention(text: string): number {
  const ms = parseRetention(text);
  if (ms === undefined) throw new InvalidArgumentError(`${RETENTION_SYNTAX} is needed.`);
  return ms;
}

function clockRate(text: string): number {
  const rate = parseClockRate(text);
  if (rate === undefined) throw new InvalidArgumentError(`${CLOCK_RATE_SYNTAX} is needed.`);
  return rate;
}

function corsOrigins(text: string): readonly string[] {
  const origins = parseCorsOrigins(text);
  if (!origins) throw new InvalidArgumentError(`${CORS_ORIGINS_SYNTAX} is needed.`);
  return origins;
}

function webhookServices(text: string): WebhookServices {
  const services = parseWebhookServices(text);
  if (!services) throw new InvalidArgumentError(`${WEBHOOK_SERVICES_SYNTAX} is needed.`);
  return services;
}

function eksCluster(text: string): EksCluster {
  const cluster = parseEksCluster(text);
  if (!cluster) throw new InvalidArgumentError(`${EKS_CLUSTER_SYNTAX} is needed.`);
  return cluster;
}

function until(text: string): string {
  if (text !== READY && !((parseGoDuration(text) ?? 0) > 0)) throw new InvalidArgumentError('ready is needed, or a duration such as 10m.');
  return text;
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed.`);
    return value;
  };
}
