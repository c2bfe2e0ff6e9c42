import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { CORS_ORIGINS_SYNTAX, parseCorsOrigins } from '../../core/api/cors-setting.ts';
import { EKS_CLUSTER_SYNTAX, type EksCluster, parseEksCluster } from '../../core/auth/eks/eks-cluster-setting.ts';
import { INSTANCE_TYPE } from '../../core/bootstrap/cluster-shape.ts';
import { CLOCK_RATE_SYNTAX, parseClockRate } from '../../core/clusters/clock-rate-setting.ts';
import { EVENT_TTL, EVENT_TTL_SYNTAX, parseEventTtl } from '../../core/controllers/event-ttl/event-ttl-setting.ts';
import { parseRetention, RETENTION, RETENTION_SYNTAX } from '../../core/replica/retention-setting.ts';
import { parseWebhookServices, WEBHOOK_SERVICES_SYNTAX, type WebhookServices } from '../../core/webhooks/services-setting.ts';
import { UsageError } from '../run-verb.ts';
import { ec2Type } from './ec2-type.ts';
import { collect, examples, GROUPS, integer, type Verb } from './verb.ts';

/** `logplane up` */
export const addUp: Verb = (program, terminal) => {
  const command = program
    .command('up')
    .helpGroup(GROUPS.run)
    .description('Run a cluster on this machine until it is stopped (Ctrl-C).')
    .option('-f, --filename <path>', 'a manifest to apply: a file, a folder (recursively) or - for standard input; may be repeated', collect)
    .option('-p, --port <port>', 'port on 127.0.0.1 (0: any free one)', integer(0, 65_535), 7443)
    .option('--address <address>', 'an address to listen on; in a container 0.0.0.0, so that its published ports lead to it (default: 127.0.0.1)', ipAddress)
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
    .addOption(
      new Option('--event-ttl <duration>', 'how long an Event stays after it was last written (0: for ever)')
        .argParser(eventTtl)
        .default(parseEventTtl(EVENT_TTL)!, EVENT_TTL),
    )
    .addOption(
      new Option('--retention <duration>', 'how long the past can be read at least (0: for ever)')
        .argParser(retention)
        .default(parseRetention(RETENTION)!, RETENTION),
    )
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
    .option(
      '--eks-cluster <region/name>',
      'let users of AWS in, who know the cluster by this name: aws eks get-token --cluster-name (default: none)',
      eksCluster,
    )
    .option('-k, --kubeconfig <file>', 'where to write the kubeconfig (default: kubeconfig in the data directory)')
    .option('--exit-when-ready', 'stop once everything from -f is ready')
    .addOption(
      new Option('-o, --output <form>', 'how to tell what happens: to people, or a line of JSON for each event').choices(['text', 'json']).default('text'),
    )
    .option('-q, --quiet', 'print nothing but problems')
    .action(
      async ({ filename: filenames = [], memory = false, acceptDataLoss = false, metricsServer = false, exitWhenReady = false, quiet = false, ...options }) => {
        const { eventTtl: eventTtlMs, retention: retentionMs, nodes, instanceType, profile, ...others } = options;
        if (profile === 'plain' && instanceType) throw new UsageError("--instance-type is for EKS' profile");
        const isEks = profile ? profile === 'eks' : nodes === undefined || instanceType !== undefined;
        const shape = { nodes: nodes ?? 3, ...(isEks && { instanceType: instanceType ?? INSTANCE_TYPE }) };
        const { up } = await import('../up.ts');
        terminal.exitCode = await up({ ...others, ...shape, filenames, memory, acceptDataLoss, metricsServer, exitWhenReady, quiet, eventTtlMs, retentionMs });
      },
    );
  examples(command, [
    ['up', 'on https://127.0.0.1:7443, kept in .logplane'],
    ['up -f examples/guestbook.yaml', 'and apply that, and show how it comes up'],
    ['up --memory --nodes 2 --port 0', 'on a free port, nothing kept'],
    ['up --memory --port 0 -o json', 'for a program: the first line has url, kubeconfig and link'],
  ]);
};

function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It is an IP address, such as 0.0.0.0.');
  return text;
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
