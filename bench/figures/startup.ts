import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import v8Flags from '../../local/v8-flags.json' with { type: 'json' };
import { bundled } from '../../scripts/bundle-sources.mjs';
import { binaries } from '../../test/support/binaries.ts';
import { median } from '../workloads.ts';

/**
 * From the start of the process, with an empty data directory, to the first answered `kubectl get nodes`: of the sources as `npm start` runs them, once it has made what it runs, and of the package that is
 * published. What a first start fills is full. Medians of 5.
 */
export async function startup(): Promise<Record<string, number>> {
  const built = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  execFileSync(process.execPath, [path.join(root, 'scripts/build-package.ts'), built], { stdio: ['ignore', 'ignore', 'inherit'] });
  const programs = {
    startup_ms: [process.execPath, ...v8Flags, await bundled(root, 'local/cli.ts')],
    startup_package_ms: [path.join(built, 'logplane/cli.mjs')],
  };
  const times = new Map<string, number[]>(Object.keys(programs).map((figure) => [figure, []]));
  // In turn, so that both have the machine as it is; the first of each is not counted.
  for (let i = 0; i <= 5; i++)
    for (const [figure, program] of Object.entries(programs)) {
      const time = await started(program);
      if (i > 0) times.get(figure)!.push(time);
    }
  return Object.fromEntries([...times].map(([figure, all]) => [figure, median(all)]));
}

const root = path.resolve(import.meta.dirname, '../..');

async function started([command, ...args]: readonly string[]): Promise<number> {
  const { kubectl } = binaries(35)!;
  const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const kubeconfig = path.join(data, 'kubeconfig');
  const start = performance.now();
  const child = spawn(command!, [...args, 'up', '--profile', 'plain', '--port', '0', '--data', data, '--quiet'], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter) },
  });
  while (!existsSync(kubeconfig)) {
    if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
    await sleep(5);
  }
  const { stdout } = await promisify(execFile)(kubectl, ['get', 'nodes', '--no-headers', '--kubeconfig', kubeconfig], { env: { ...process.env, HOME: data } });
  const time = performance.now() - start;
  if (stdout.trim().split('\n').length !== 3) throw new Error(`unexpected nodes: ${stdout}`);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return time;
}
