// Measures what docs/performance.md quotes. Figures are medians where a line says so in its file.
import { writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { admission } from './figures/admission.ts';
import { bundle } from './figures/bundle.ts';
import { clusters } from './figures/clusters.ts';
import { creates } from './figures/creates.ts';
import { customResources } from './figures/custom-resources.ts';
import { day } from './figures/day.ts';
import { deliver } from './figures/deliver.ts';
import { deploy } from './figures/deploy.ts';
import { expressions } from './figures/expressions.ts';
import { fleet } from './figures/fleet.ts';
import { forks } from './figures/forks.ts';
import { herd } from './figures/herd.ts';
import { idleClusters } from './figures/idle-clusters.ts';
import { lambda } from './figures/lambda.ts';
import { largeCluster } from './figures/large-cluster.ts';
import { managedFields } from './figures/managed-fields.ts';
import { manyWatches } from './figures/many-watches.ts';
import { pass } from './figures/pass.ts';
import { plan } from './figures/plan.ts';
import { quota } from './figures/quota.ts';
import { rbac } from './figures/rbac.ts';
import { reads } from './figures/reads.ts';
import { schedule } from './figures/schedule.ts';
import { schedulerPerf } from './figures/scheduler-perf.ts';
import { snapshot } from './figures/snapshot.ts';
import { startup } from './figures/startup.ts';
import { testing } from './figures/testing.ts';
import { watch } from './figures/watch.ts';
import { webhooks } from './figures/webhooks.ts';
import { writers } from './figures/writers.ts';

interface Options {
  readonly json?: string;
  readonly only?: string;
}

const benches: Record<string, (options: Options) => Promise<Record<string, number>>> = {
  startup,
  deploy,
  lambda,
  creates,
  writers,
  reads,
  rbac,
  pass,
  watch,
  deliver,
  'many-watches': manyWatches,
  herd,
  'large-cluster': largeCluster,
  schedule,
  clusters,
  snapshot,
  'idle-clusters': idleClusters,
  forks,
  'managed-fields': managedFields,
  bundle,
  expressions,
  admission,
  'custom-resources': customResources,
  webhooks,
  quota,
  'scheduler-perf': schedulerPerf,
  fleet,
  day,
  plan,
  testing,
};

/** What each figure is aimed at on 2 cores. */
const aims: Record<string, string> = {
  startup_ms: '≤ 400',
  startup_package_ms: '≤ 400',
  deploy_1000_ms: '≤ 2000',
  deploy_1000_entries: '≤ 15',
  lambda_requests_per_pod: '≤ 0.1',
  lambda_wcu_per_pod: '≤ 0.5',
  creates_per_s: '≥ 3000',
  creates_cold_per_s: '≥ half of creates_per_s',
  writers_20_per_s: '≥ 500',
  writers_100_per_s: '≥ 1000',
  writers_100_p99_ms: '≤ 500',
  writers_100_refused: '0',
  get_reads: '1',
  rbac_us: '≤ 20',
  list_10k_ms: '≤ 200',
  informer_10k_ms: '≤ 300',
  watch_p99_ms: '≤ 5',
  pass_tries: '≤ 3',
  watch_1500_ratio: '≤ 1.5',
  herd_mb: '≤ 100',
  rss_10k_mb: '≤ 400',
  restart_ms: '≤ 1500',
  schedule_one_ms: '≤ 5',
  schedule_500_ms: '≤ 150',
  clusters_per_s: '≥ 100',
  deliver_per_s: '≥ 2000',
  deliver_p99_ms: '≤ 50',
  clusters_delete_10k_s: '≤ 60',
  snapshot_kb: '≤ 64',
  clusters_idle_mb: '≤ 0.5',
  fork_ms: '≤ 50',
  fork_writes: '≤ 2',
  forks_1000_s: '≤ 10',
  forks_1000_mb: '≤ 300',
  past_read_ms: '≤ 300',
  ssa_200_us: '≤ 300',
  ssa_200_changed_us: '≤ 600',
  managed_fields_bytes: '≤ 200',
  managed_fields_log_ratio: '≤ 1.3',
  api_bundle_kb: '≤ 3000',
  api_import_ms: '≤ 200',
  admission_us: '≤ 60',
  cel_rule_us: '≤ 1',
  cel_all_us: '≤ 15',
  crd_ready_ms: '≤ 50',
  crds_200_mb: '≤ 60',
  webhook_ms: '≤ 3',
  quota_creates_ratio: '≥ 0.8',
  sched_basic: '≥ 7000',
  sched_basic_50k: '≥ 8000',
  sched_spread: '≥ 4600',
  sched_preferred_spread: '≥ 3400',
  sched_affinity: '≥ 700',
  sched_antiaffinity: '≥ 1800',
  sched_preferred: '≥ 1900',
  sched_preferred_anti: '≥ 1900',
  sched_nodeaffinity: '≥ 5400',
  sched_mixed: '≥ 5400',
  sched_preemption: '≥ 5700',
  sched_unschedulable: '≥ 5900',
  sched_gated: '≥ 9000',
  sched_daemonset: '≥ 11000',
  sched_churn: '≥ 7000',
  sched_volumes: '≥ 1000',
  sched_dra: '≥ 600',
  deploy_10k_ms: '≤ 5000',
  jobs_per_min: '≥ 10000',
  cluster_5000_s: '≤ 40',
  rss_50k_mb: '≤ 1200',
  day_s: '≤ 5',
  plan_1000_ms: '≤ 1000',
  testing_start_ms: '≤ 100',
  testing_fork_ms: '≤ 20',
  testing_fork_write_ms: '≤ 20',
};

const command = new Command('npm run bench --')
  .description('Measures what docs/performance.md quotes, all of it or what is named.')
  .addArgument(new Argument('[name...]', 'what to measure').choices(Object.keys(benches)))
  .option('--json <file>', 'write the figures into a file, too')
  .option('--only <name>', 'of scheduler-perf or fleet, this one alone')
  .parse();
const names = command.processedArgs[0] as readonly string[];
const options = command.opts<Options>();

const figures: Record<string, number> = {};
for (const [name, measure] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const [key, value] of Object.entries(await measure(options))) {
    figures[key] = Number(value.toPrecision(4));
    console.log(`${key.padEnd(26)} ${String(figures[key]).padStart(10)}   ${aims[key] ?? ''}`);
  }
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
