// Measures what docs/figures.md has (bench/catalogue.ts), and writes that page.
import { writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { figuresPage } from '../scripts/docs/figures-page.ts';
import { aimText, catalogue } from './catalogue.ts';
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
import { page } from './figures/page.ts';
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
import { here, keep } from './kept-figures.ts';

interface Options {
  readonly json?: string;
  readonly keep?: true;
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
  page,
};

const aims = new Map(catalogue.flatMap(({ figures }) => figures).map(({ name, aim }) => [name, aim]));

const command = new Command('npm run bench --')
  .description('Measures the figures of docs/figures.md, all of them or those that are named.')
  .addArgument(new Argument('[name...]', 'what to measure').choices(Object.keys(benches)))
  .option('--json <file>', 'write the figures into a file, too')
  .option('--keep', 'keep them in bench/kept-figures.json, with the commit and the machine, and write docs/figures.md anew')
  .option('--only <name>', 'of scheduler-perf or fleet, this one alone')
  .parse();
const names = command.processedArgs[0] as readonly string[];
const options = command.opts<Options>();

const place = options.keep && here();
const figures: Record<string, number> = {};
for (const [name, measure] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const started = performance.now();
  for (const [key, value] of Object.entries(await measure(options))) {
    figures[key] = Number(value.toPrecision(4));
    const aim = aims.get(key);
    console.log(`${key.padEnd(26)} ${String(figures[key]).padStart(10)}   ${aim ? aimText(aim) : ''}`);
  }
  console.error(`${name} took ${Math.round((performance.now() - started) / 1000)} s`);
  // After each, so that what was measured is kept when the next one fails.
  if (place) keep({ ...place, figures });
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
if (place) writeFileSync(new URL('../docs/figures.md', import.meta.url), figuresPage());
