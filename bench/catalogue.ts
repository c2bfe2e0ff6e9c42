import { workloads } from './scheduler-perf/workloads.ts';

/** A figure that `npm run bench` prints. */
export interface Figure {
  readonly name: string;
  /** What it is, as the page of figures says it; `_ms`, `_us`, `_s`, `_mb` (MiB) and `_kb` (KiB) in the name are the units. */
  readonly what: string;
  readonly aim?: Aim;
}

/** What it is aimed at, on two cores: a number, or a part of another figure of the same run. */
export type Aim = { readonly atMost: number } | { readonly atLeast: number; readonly of?: string };

export interface Subject {
  readonly title: string;
  readonly figures: readonly Figure[];
}

const figure = (name: string, what: string, aim?: Aim): Figure => ({ name, what, ...(aim && { aim }) });

/** All figures, by what they are about, in the order of the page. */
export const catalogue: readonly Subject[] = [
  {
    title: 'Starting',
    figures: [
      figure(
        'startup_ms',
        'from the start of the process, with an empty data directory, to the first answered `kubectl get nodes`, as `npm start` runs it (median of 5)',
        { atMost: 400 },
      ),
      figure('startup_package_ms', 'the same of the published package ([decision 38](decisions/0038-the-package.md))', { atMost: 400 }),
      figure('restart_ms', 'restart on a log with 10,000 pods until a request is answered', { atMost: 1_500 }),
      figure('restart_log_events', 'how many events that log has'),
      figure('testing_start_ms', 'a [cluster in the process of a test](testing.md), beside another one, until it can be used', { atMost: 100 }),
      figure('testing_first_fork_ms', 'its first fork, which begins the cluster in which clusters are kept'),
      figure('testing_fork_ms', 'a fork of one with 500 ConfigMaps and 100 running pods (median of 60)', { atMost: 20 }),
      figure('testing_fork_write_ms', 'and until its first write is answered', { atMost: 20 }),
    ],
  },
  {
    title: 'Writes',
    figures: [
      figure('creates_per_s', 'durable creates of a ConfigMap over HTTPS by 64 concurrent clients', { atLeast: 3_000 }),
      figure('creates_cold_per_s', 'the same in the first two seconds of a host (median of 3), by clients that are warm', {
        atLeast: 0.5,
        of: 'creates_per_s',
      }),
      figure('writers_20_per_s', 'creates by 20 replicas that each write one at a time on one log that takes 5 ms a call', { atLeast: 500 }),
      figure('writers_100_per_s', 'the same by 100', { atLeast: 1_000 }),
      figure('writers_100_p99_ms', 'their 99th percentile', { atMost: 500 }),
      figure('writers_100_refused', 'and how many were refused', { atMost: 0 }),
      figure(
        'pass_tries',
        'how often a reconciler begins, beside 100 foreign appends a second of which five touch one of its 100 objects, until all is in that it decides in a pass of one second',
        { atMost: 3 },
      ),
      figure('deploy_1000_ms', 'a Deployment of 1,000 replicas on 20 nodes until all are available, durable log', { atMost: 2_000 }),
      figure('deploy_1000_cpu_s', 'the computing time of that'),
      figure('deploy_1000_entries', 'and the log entries', { atMost: 15 }),
      figure(
        'quota_creates_ratio',
        'creates of ConfigMaps a second by 64 clients in a namespace with a quota of five names, over those in one without, in turn (median of 7; [decision 27](decisions/0027-quota.md))',
        {
          atLeast: 0.8,
        },
      ),
      figure('quota_creates_per_s', 'those in the one with a quota'),
    ],
  },
  {
    title: 'Reads and watches',
    figures: [
      figure('list_10k_ms', 'LIST of 10,000 pods, full objects, one page, until the client has all 50 MB', { atMost: 200 }),
      figure('list_10k_gzip_ms', 'the same as kubectl and client-go ask for it, until the client has all 3.3 MB'),
      figure('informer_10k_ms', 'the same pods as a streaming list, until the bookmark that says that all was told', { atMost: 300 }),
      figure('watch_p50_ms', 'from sending a write to its event at a watching client, at 500 writes a second: the median'),
      figure('watch_p99_ms', 'and the 99th percentile', { atMost: 5 }),
      figure('watch_1500_ratio', 'computing time of a create with 1,500 watches of another resource, over that with none', { atMost: 1.5 }),
      figure('watch_1500_cpu_ms', 'the computing time of that create'),
      figure('create_cpu_ms', 'and of the one with none'),
      figure('herd_mb', 'growth of memory while 20 informers resume just before the kept history of 20,000 objects', { atMost: 100 }),
      figure('herd_ms', 'how long that takes'),
      figure('get_reads', 'consistent reads of the log that a GET with the token of a service account costs, deployed', { atMost: 1 }),
      figure('deliver_per_s', 'changes that a local webhook is told of, which begins 10,000 behind ([decision 37](decisions/0037-subscriptions.md))', {
        atLeast: 2_000,
      }),
      figure('deliver_p50_ms', 'from sending a write to its being told, at 200 writes a second: the median'),
      figure('deliver_p99_ms', 'and the 99th percentile', { atMost: 50 }),
    ],
  },
  {
    title: 'Memory and storage',
    figures: [
      figure('rss_10k_mb', 'memory of the whole host with 10,000 pods, eight seconds after they were made', { atMost: 400 }),
      figure('rss_10k_busy_mb', 'and right after'),
      figure('clusters_idle_mb', 'memory of an idle cluster, its reconcilers included, when 1,000 are open in one host', { atMost: 0.5 }),
      figure(
        'managed_fields_bytes',
        'memory of the managed fields of a running pod, of 10,000 of 20 templates ([decision 21](decisions/0021-field-management.md))',
        { atMost: 200 },
      ),
      figure('managed_fields_log_ratio', 'bytes in the log of a status write, over what it would have without its field manager', { atMost: 1.3 }),
      figure(
        'snapshot_kb',
        'what a snapshot writes when a cluster of 10,000 pods has one pod more than at the one before ([decision 17](decisions/0017-snapshots.md))',
        { atMost: 64 },
      ),
      figure('snapshot_ms', 'how long that takes'),
    ],
  },
  {
    title: 'Clusters, forks, the past, plans',
    figures: [
      figure('clusters_per_s', 'clusters that are created as objects and used at once ([clusters](clusters.md))', { atLeast: 100 }),
      figure('clusters_delete_10k_s', '10,000 of them removed, logs and all, of which 500 were used', { atMost: 60 }),
      figure(
        'fork_ms',
        'a fork of a cluster of 10,000 pods that is open in the process, on SQLite, until a client has the first page of its pods ([decision 32](decisions/0032-forks-and-resets.md))',
        {
          atMost: 50,
        },
      ),
      figure(
        'fork_writes',
        'writes of the DynamoDB table that a fork takes, from its object until its first request is answered ([clusters](clusters.md#what-it-costs))',
        { atMost: 2 },
      ),
      figure('forks_1000_s', '1,000 forks of a cluster of 1,000 objects in one process, ten at a time, each written to and read', { atMost: 10 }),
      figure('forks_1000_mb', 'the memory of these 1,000', { atMost: 300 }),
      figure('past_read_ms', 'the state a million events ago, in a process that has just read the newest', { atMost: 300 }),
      figure(
        'plan_1000_ms',
        'the [plan](plans.md) of a Deployment of 1,000 replicas on 100 nodes, until all would be available, in a process that has made one (median of 5)',
        { atMost: 1_000 },
      ),
      figure('plan_1000_first_ms', 'the first plan of a process'),
    ],
  },
  {
    title: 'Fleets',
    figures: [
      figure('deploy_10k_ms', 'a Deployment of 10,000 replicas on 500 nodes until all are available', { atMost: 5_000 }),
      figure('deploy_10k_cpu_s', 'the computing time of that'),
      figure('daemonset_1k_update_ms', 'a DaemonSet updated on 1,000 nodes, 100 at a time'),
      figure('daemonset_1k_update_cpu_s', 'the computing time of that: the rest is waiting'),
      figure('jobs_per_min', '2,000 Jobs of one pod that ends at once, from 64 concurrent clients, until each is complete', { atLeast: 10_000 }),
      figure('job_cpu_ms', 'the computing time of a Job'),
      figure('cluster_5000_s', 'a cluster of 5,000 nodes and 50,000 pods, from nothing', { atMost: 40 }),
      figure('cluster_5000_cpu_s', 'the computing time of that'),
      figure('rss_50k_mb', 'its memory eight seconds later', { atMost: 1_200 }),
      figure('rss_50k_busy_mb', 'and right after'),
      figure(
        'day_s',
        '24 hours of a cluster of 30 Deployments with autoscalers, whose load rises in the morning and falls in the evening, and 20 CronJobs (1,680 Jobs), on a clock that goes from wake-up to wake-up; in memory, one thread',
        { atMost: 5 },
      ),
      figure('day_events', 'events of the log of that day'),
      figure('day_rounds', 'and entries'),
    ],
  },
  {
    title: 'Scheduling',
    figures: [
      figure('schedule_one_ms', "a scheduler's pass for 1 pending pod on 5,000 nodes with 50,000 pods, warm", { atMost: 5 }),
      figure('schedule_500_ms', 'and for 500', { atMost: 150 }),
      figure('sched_cold', 'pods a second in the first workload of a process, `sched_basic`'),
      ...Object.entries(workloads).flatMap(([name, { upstream, threshold, aim }]) => [
        figure(name, `pods a second in scheduler_perf's \`${upstream}\`${threshold ? `, of which Kubernetes asks ${threshold}` : ''}`, { atLeast: aim }),
        figure(`${name}_cpu`, 'and in a second of computing time'),
      ]),
    ],
  },
  {
    title: 'What a request goes through',
    figures: [
      figure('rbac_us', 'authorizing a request of a service account among 500 roles of 20 rules and 5,000 bindings, half of them refused (median of 7)', {
        atMost: 20,
      }),
      figure('admission_us', 'all admission plugins over a new pod, in their turns of mutating and validating, without policies (median of 7)', { atMost: 60 }),
      figure('admission_policies_us', 'and with five ValidatingAdmissionPolicies for it'),
      figure('cel_rule_us', 'evaluating the rule `self.replicas <= self.maxReplicas`, with what it takes to let it see the object (median of 7)', {
        atMost: 1,
      }),
      figure('cel_all_us', 'and `all()` over 100 elements', { atMost: 15 }),
      figure('webhook_ms', 'what a validating webhook on a kept connection adds to a write', { atMost: 3 }),
      figure('ssa_200_us', 'an apply of a Deployment of some 200 fields in process, without HTTP: nothing changed', { atMost: 300 }),
      figure('ssa_200_changed_us', 'and one field changed', { atMost: 600 }),
      figure(
        'crd_ready_ms',
        "from posting a definition of custom resources of cert-manager's size to its first object, over HTTPS, durable log (median of 200)",
        { atMost: 50 },
      ),
      figure('crds_200_mb', 'growth of memory with 200 of them, an object of each, discovered, eight seconds later', { atMost: 60 }),
    ],
  },
  {
    title: 'The page',
    figures: [
      figure(
        'page_first_ms',
        'the [page](page.md) of 10,000 pods on 100 nodes in a real Chromium that has nothing of it yet: from following the link that signs in until all pods are painted (median of 5)',
        { atMost: 1_000 },
      ),
      figure('page_reload_ms', 'and after a reload'),
      figure('page_step_ms', 'a step of its slider among what is at hand, from the event until it is painted (median of 41)', { atMost: 100 }),
      figure('page_step_worst_ms', 'and the worst of these'),
      figure('page_past_ms', 'the first read of an offset far behind what is at hand, until it is painted (median of 5)'),
    ],
  },
  {
    title: 'Deployed',
    figures: [
      figure('lambda_requests_per_pod', 'a Deployment of 1,000 replicas through the Lambda handlers: requests to DynamoDB and SQS, per pod', { atMost: 0.1 }),
      figure('lambda_wcu_per_pod', 'write units of DynamoDB', { atMost: 0.5 }),
      figure('lambda_rcu_per_pod', 'and read units'),
      figure('lambda_invocations', 'how often a function is called for it'),
      figure('lambda_deploy_1000_ms', 'how long it takes on stand-ins for AWS in one process'),
      figure('api_bundle_kb', 'the bundle of the API function', { atMost: 3_000 }),
      figure('api_import_ms', 'and its cold import (median of 7)', { atMost: 200 }),
    ],
  },
];

/** `≤ 400`, or `≥ 0.5 × creates_per_s`. */
export function aimText(aim: Aim): string {
  if ('atMost' in aim) return `≤ ${number(aim.atMost)}`;
  return aim.of ? `≥ ${aim.atLeast} × ${aim.of}` : `≥ ${number(aim.atLeast)}`;
}

/** Whether a figure has what it is aimed at. */
export function isReached(aim: Aim, value: number, figures: Readonly<Record<string, number>>): boolean {
  if ('atMost' in aim) return value <= aim.atMost;
  return value >= aim.atLeast * (aim.of ? (figures[aim.of] ?? 0) : 1);
}

/** As a page shows it: `4,390`, `0.076`. */
export const number = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
