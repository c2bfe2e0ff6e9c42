import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { binaries } from '../../test/support/binaries.ts';
import { median } from '../workloads.ts';

/** From the start of the process, with an empty data directory, to the first answered `kubectl get nodes`. Median of 5. */
export async function startup(): Promise<Record<string, number>> {
  const { kubectl } = binaries(35)!;
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
    const kubeconfig = path.join(data, 'kubeconfig');
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [path.resolve(import.meta.dirname, '../../local/cli.ts'), 'up', '--profile', 'plain', '--port', '0', '--data', data, '--quiet'],
      {
        stdio: 'inherit',
      },
    );
    while (!existsSync(kubeconfig)) {
      if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
      await sleep(5);
    }
    const { stdout } = await promisify(execFile)(kubectl, ['get', 'nodes', '--no-headers', '--kubeconfig', kubeconfig], {
      env: { ...process.env, HOME: data },
    });
    times.push(performance.now() - started);
    if (stdout.trim().split('\n').length !== 3) throw new Error(`unexpected nodes: ${stdout}`);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  return { startup_ms: median(times) };
}
