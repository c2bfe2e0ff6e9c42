import { Command, InvalidArgumentError, Option } from 'commander';
import { diff } from '../../core/log/patch.ts';
import { type ClusterClocks, rates } from './cluster-clocks.ts';
import { simulateClusters } from './clusters/simulate-clusters.ts';
import { type Fault, faultKinds } from './faults.ts';
import { live } from './local/lives.ts';
import { type SimulationResult, simulate } from './simulation.ts';

const values = new Command('npm run sim --')
  .description('Simulates clusters with faults and prints what the checkers find; exits with 1 if they find anything. The same seed does the same again.')
  .option('--seeds <count>', 'how many seeds to run', wholeNumber, 100)
  .option('--start <seed>', 'the first of them', wholeNumber, 1)
  .option('--seed <seed>', 'run this one alone, and say more about it', wholeNumber)
  .option('--minutes <minutes>', 'how many virtual minutes a run lasts', wholeNumber)
  .addOption(new Option('--clocks <how>', 'how the clocks of the clusters go, instead of what the seed draws').choices(Object.keys(rates)))
  .option('--trace <key>', 'print what happened to all objects whose keys contain this')
  .option('--local', 'run the host of one machine, on a faulty disk, instead')
  .option('--clusters', 'make, fork, reset and delete clusters as objects, under the same faults, instead')
  .option('--verbose', 'a line for every seed, and which faults struck')
  .parse()
  .opts<{
    seeds: number;
    start: number;
    seed?: number;
    minutes?: number;
    clocks?: ClusterClocks;
    trace?: string;
    verbose?: true;
    local?: true;
    clusters?: true;
  }>();

const single = values.seed !== undefined;
const seeds = values.seed !== undefined ? [values.seed] : Array.from({ length: values.seeds }, (_, i) => values.start + i);
const begun = performance.now();
if (values.local || values.clusters) {
  const what = values.local ? '--local' : '--clusters';
  let failed = 0;
  for (const seed of seeds) {
    const { findings } = values.local ? await live(seed) : await simulateClusters(seed, { ...(values.minutes !== undefined && { minutes: values.minutes }) });
    if (findings.length === 0) continue;
    failed++;
    console.error(`seed ${seed} failed (npm run sim -- ${what} --seed ${seed}):\n  ${findings.join('\n  ')}`);
  }
  console.log(`${seeds.length} seeds of ${values.local ? 'the local host' : 'clusters as objects'}, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
const outcomes: Pick<SimulationResult, 'figures'>[] = [];
let failed = 0;
for (const seed of seeds) {
  const at = performance.now();
  const outcome = await simulate(seed, { ...(values.minutes !== undefined && { minutes: values.minutes }), ...(values.clocks && { clocks: values.clocks }) });
  // The histories are large.
  outcomes.push({ figures: outcome.figures });
  const took = Math.round(performance.now() - at);
  if (outcome.findings.length > 0) {
    failed++;
    console.error(`seed ${seed} failed (npm run sim -- --seed ${seed}):`);
    for (const finding of outcome.findings.slice(0, single ? 100 : 5)) console.error(`  ${single ? finding : finding.slice(0, 600)}`);
    if (outcome.findings.length > 5 && !single) console.error(`  … and ${outcome.findings.length - 5} more`);
  }
  if (values.trace) trace(outcome, values.trace);
  if (values.verbose || single) console.log(describe(outcome, took));
  else if (outcomes.length % 10 === 0) console.log(`${outcomes.length} of ${seeds.length} seeds, ${failed} failed`);
}
const seconds = (performance.now() - begun) / 1000;
console.log(`${seeds.length} seeds, ${failed} failed, ${(seeds.length / seconds).toFixed(2)} seeds a second`);
if (values.verbose) console.log(coverage(outcomes));
process.exit(failed > 0 ? 1 : 0);

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

function describe({ seed, hash, figures }: SimulationResult, took: number): string {
  const { virtualMinutes, steps, events, entries, writes, coldStarts, deadLetters } = figures;
  const faults = [...figures.faults.values()].reduce((sum, count) => sum + count, 0);
  return `seed ${seed}: log ${hash}, ${took} ms for ${virtualMinutes.toFixed(0)} virtual minutes, ${steps} steps, ${events} events in ${entries} entries, ${writes} marked writes, ${faults} faults, ${coldStarts} cold starts, ${deadLetters} dead letters`;
}

/** Which share of the runs met each fault, and how often. */
function coverage(runs: readonly Pick<SimulationResult, 'figures'>[]): string {
  const line = (kind: Fault) => {
    const counts = runs.map(({ figures }) => figures.faults.get(kind) ?? 0);
    const met = counts.filter((count) => count > 0).length;
    const sum = counts.reduce((total, count) => total + count, 0);
    return `  ${kind.padEnd(26)} ${String(Math.round((100 * met) / runs.length)).padStart(3)} % of runs, ${(sum / runs.length).toFixed(1)} a run`;
  };
  return ['faults', ...faultKinds.map(line)].join('\n');
}

function trace({ replays }: SimulationResult, part: string): void {
  for (const [cluster, { versions }] of replays) {
    for (const { offset, type, key, object, previous, actor, time } of versions) {
      if (!`${cluster} ${key} ${object.metadata.uid}`.includes(part)) continue;
      const change = type === 'MODIFIED' ? diff(previous!, object) : type === 'ADDED' ? object : undefined;
      console.log(`${cluster} ${offset} ${new Date(time).toISOString()} ${type} ${key} by ${actor.username} ${JSON.stringify(change) ?? ''}`);
    }
  }
}
