// Measures what docs/performance.md quotes: `npm run bench -- [--json FILE] [NAME …]`. Figures are medians where a line says so in its file.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundle } from './figures/bundle.ts';
import { creates } from './figures/creates.ts';
import { deploy } from './figures/deploy.ts';
import { lambda } from './figures/lambda.ts';
import { largeCluster } from './figures/large-cluster.ts';
import { startup } from './figures/startup.ts';
import { watch } from './figures/watch.ts';

const benches: Record<string, () => Promise<Record<string, number>>> = { startup, deploy, lambda, creates, watch, 'large-cluster': largeCluster, bundle };

/** What each figure is aimed at on 2 cores. */
const aims: Record<string, string> = {
  startup_ms: '≤ 1000',
  deploy_1000_ms: '≤ 2000',
  deploy_1000_entries: '≤ 15',
  lambda_requests_per_pod: '≤ 0.1',
  lambda_wcu_per_pod: '≤ 0.5',
  creates_per_s: '≥ 3000',
  list_10k_ms: '≤ 400',
  watch_p99_ms: '≤ 25',
  rss_10k_mb: '≤ 400',
  restart_ms: '≤ 1500',
  api_bundle_kb: '≤ 3000',
  api_import_ms: '≤ 200',
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')} (there are ${Object.keys(benches).join(', ')})`);
  process.exit(2);
}

const figures: Record<string, number> = {};
for (const [name, measure] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  for (const [key, value] of Object.entries(await measure())) {
    figures[key] = Number(value.toPrecision(4));
    console.log(`${key.padEnd(26)} ${String(figures[key]).padStart(10)}   ${aims[key] ?? ''}`);
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
