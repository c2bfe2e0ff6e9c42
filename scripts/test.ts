// Everything that CI runs: lint, types, tests. Ends with a line of the form "123 passed, 0 failed".
// Arguments go to vitest: `npm test -- core/log` runs only those tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log('Usage: npm test -- [path...] [options of vitest]\n\nRuns everything that CI runs: lint, types and tests, or only the tests below the paths.');
  process.exit(0);
}

const root = path.resolve(import.meta.dirname, '..');
const work = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
const report = path.join(work, 'report.json');
let failed = 0;

function step(name: string, command: string, args: readonly string[]): void {
  const started = performance.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(path.join(root, 'node_modules/.bin', command), args, { cwd: root, stdio: 'inherit' });
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (status !== 0) failed++;
}

step('lint', 'biome', ['ci', '--error-on-warnings', '.']);
step('types', 'tsc', ['-p', '.']);
step('types of the page', 'tsc', ['-p', 'ui']);
const before = failed;
step('tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]);

const counts = resultsIn(report);
// A test run that fails without a failed test (a suite that cannot be loaded) has failed all the same.
failed = before + (failed > before ? Math.max(1, counts.failed) : 0);
rmSync(work, { recursive: true, force: true });
console.log(`\n${counts.passed + 3 - before} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(failed === 0 && counts.passed > 0 ? 0 : 1);

function resultsIn(file: string): { passed: number; failed: number; skipped: number } {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    return { passed: numPassedTests ?? 0, failed: numFailedTests ?? 0, skipped: numPendingTests ?? 0 };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
