// `npm run bench:compare -- --binaries FOLDER`: the same client on Logplane and on Kubernetes' own binaries, in turn, on this machine. docs/comparison.md has what it said last (`--keep`).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { writeComparison } from '../../scripts/docs/comparison-table.ts';
import { here } from '../kept-figures.ts';
import { kubernetes, logplane, type Started, versionsOf } from './control-planes.ts';
import { measure } from './measure.ts';
import type { Compared } from './measured.ts';
import { Processes, residentMemory } from './processes.ts';

const options = new Command('npm run bench:compare --')
  .description('Compares Logplane with kube-apiserver, etcd, kube-controller-manager, kube-scheduler and kwok, by the same client, in turn.')
  .requiredOption('--binaries <folder>', 'where those are (bench/compare/build-binaries.sh FOLDER builds them)')
  .option('--runs <count>', 'how often each is started and measured', '3')
  .option('--creates <count>', 'how many ConfigMaps are created by 64 clients', '8000')
  .option('--note <text>', 'what is to be said of the measurement, such as what else the machine did')
  .option('--keep', 'keep the figures in bench/compare/measured.json, and write the table of docs/comparison.md anew')
  .parse()
  .opts<{ binaries: string; runs: string; creates: string; note?: string; keep?: true }>();

const binaries = path.resolve(options.binaries);
const versions = versionsOf(binaries);
const place = options.keep && here();
const planes = { logplane, kubernetes: (dir: string, processes: Processes) => kubernetes(binaries, dir, processes) };
const runs: Compared['runs'][number][] = [];
for (let run = 1; run <= Number(options.runs); run++) {
  const figures: Record<string, Record<string, number>> = {};
  for (const [name, start] of Object.entries(planes)) figures[name] = await measured(`${name} ${run}`, start);
  runs.push(figures as unknown as Compared['runs'][number]);
}
if (place) {
  const kept: Compared = { ...place, ...(options.note && { note: options.note }), versions, runs };
  writeFileSync(new URL('measured.json', import.meta.url), `${JSON.stringify(kept, null, 2)}\n`);
  writeComparison(kept);
}

async function measured(title: string, start: (dir: string, processes: Processes) => Promise<Started>): Promise<Record<string, number>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-compare-'));
  const processes = new Processes(dir);
  const all: Record<string, number> = {};
  const told = (figure: string, value: number) => {
    all[figure] = Number(value.toPrecision(3));
    console.log(`${title.padEnd(14)} ${figure.padEnd(20)} ${all[figure]}`);
  };
  try {
    const { server, figures } = await start(dir, processes);
    for (const [figure, value] of Object.entries(figures)) told(figure, value);
    await measure(server, { creates: Number(options.creates), replicas: 1000, watchSeconds: 10 }, told);
    told('memory_mb', residentMemory(processes.pids));
    server.close();
  } finally {
    await processes.stop();
  }
  rmSync(dir, { recursive: true, force: true });
  return all;
}
