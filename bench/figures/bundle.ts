import { execFileSync } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { median } from '../workloads.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The bundle of the API function, minified as it is deployed, and its import into a fresh process. Median of 7. */
export async function bundle(): Promise<Record<string, number>> {
  const outfile = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-bench-')), 'api.mjs');
  await build({
    entryPoints: [path.join(root, 'functions/api.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  });
  const measure = `globalThis.awslambda = { streamifyResponse: (f) => f, HttpResponseStream: { from: (s) => s } };
    const started = performance.now(); await import(${JSON.stringify(outfile)}); console.log(performance.now() - started);`;
  const env = { PATH: process.env['PATH'] ?? '', AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'bench' };
  const times = Array.from({ length: 7 }, () => Number(execFileSync(process.execPath, ['--input-type=module', '-e', measure], { env }).toString()));
  return { api_bundle_kb: statSync(outfile).size / 1024, api_import_ms: median(times) };
}
