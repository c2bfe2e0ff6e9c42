import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { compared } from '../../bench/compare/measured.ts';
import { startCluster } from '../../local/testing/testing.ts';
import { withTable } from '../../scripts/docs/comparison-table.ts';

const root = path.resolve(import.meta.dirname, '../..');

it('docs/comparison.md has what was measured last (npm run bench:compare -- --keep writes it anew)', () => {
  const page = readFileSync(path.join(root, 'docs/comparison.md'), 'utf8');
  expect(page).toBe(withTable(page, compared()));
});

it('bench:api-server measures a cluster through its kubeconfig', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
  const file = await cluster.writeKubeconfig(path.join(dir, 'kubeconfig'));
  const args = [
    path.join(root, 'bench/api-server.ts'),
    '--kubeconfig',
    file,
    '--creates',
    '64',
    '--replicas',
    '2',
    '--watch-seconds',
    '0.1',
    '--pids',
    String(process.pid),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const figures = [...stdout.matchAll(/^(\w+) +[\d.]+$/gm)].map(([, figure]) => figure);
  expect(figures).toEqual([
    'creates_64_per_s',
    'creates_1_per_s',
    'gets_64_per_s',
    'watch_p50_ms',
    'watch_p99_ms',
    'deployment_s',
    'list_pods_ms',
    'memory_mb',
  ]);
  // Its namespace is removed with all that was in it.
  await cluster.until(async () => (await cluster.list('namespaces')).every(({ metadata }) => !metadata?.name?.startsWith('bench-')));
  rmSync(dir, { recursive: true });
});
