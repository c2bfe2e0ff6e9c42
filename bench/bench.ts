// Measures what docs/performance.md quotes. Figures are medians where a line says so in its file.
import { writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { admission } from './figures/admission.ts';
import { bundle } from './figures/bundle.ts';
import { creates } from './figures/creates.ts';
import { customResources } from './figures/custom-resources.ts';
import { day } from './figures/day.ts';
import { deploy } from './figures/deploy.ts';
import { expressions } from './figures/expressions.ts';
import { herd } from './figures/herd.ts';
import { idleClusters } from './figures/idle-clusters.ts';
import { lambda } from './figures/lambda.ts';
import { largeCluster } from './figures/large-cluster.ts';
import { managedFields } from './figures/managed-fields.ts';
import { manyWatches } from './figures/many-watches.ts';
import { pass } from './figures/pass.ts';
import { quota } from './figures/quota.ts';
import { rbac } from './figures/rbac.ts';
import { reads } from './figures/reads.ts';
import { schedule } from './figures/schedule.ts';
import { snapshot } from './figures/snapshot.ts';
import { startup } from './figures/startup.ts';
import { watch } from './figures/watch.ts';
import { webhooks } from './figures/webhooks.ts';
import { writers } from './figures/writers.ts';

const benches: Record<string, () => Promise<Record<string, number>>> = {
  startup,
  deploy,
  lambda,
  creates,
  writers,
  reads,
  rbac,
  pass,
  watch,
  'many-watches': manyWatches,
  herd,
  'large-cluster': largeCluster,
  schedule,
  snapshot,
  'idle-clusters': idleClusters,
  'managed-fields': managedFields,
  bundle,
  expressions,
  admission,
  'custom-resources': customResources,
  webhooks,
  quota,
  day,
};

/** What each figure is aimed at on 2 cores. */
const aims: Record<string, string> = {
  startup_ms: '≤ 1000',
  deploy_1000_ms: '≤ 2000',
  deploy_1000_entries: '≤ 15',
  lambda_requests_per_pod: '≤ 0.1',
  lambda_wcu_per_pod: '≤ 0.5',
  creates_per_s: '≥ 3000',
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
  snapshot_kb: '≤ 64',
  clusters_idle_mb: '≤ 0.5',
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
  day_s: '≤ 5',
};

const command = new Command('npm run bench --')
  .description('Measures what docs/performance.md quotes, all of it or what is named.')
  .addArgument(new Argument('[name...]', 'what to measure').choices(Object.keys(benches)))
  .option('--json <file>', 'write the figures into a file, too')
  .parse();
const names = command.processedArgs[0] as readonly string[];
const { json } = command.opts<{ json?: string }>();

const figures: Record<string, number> = {};
for (const [name, measure] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const [key, value] of Object.entries(await measure())) {
    figures[key] = Number(value.toPrecision(4));
    console.log(`${key.padEnd(26)} ${String(figures[key]).padStart(10)}   ${aims[key] ?? ''}`);
  }
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
