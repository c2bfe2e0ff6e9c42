import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

export const functionNames = ['api', 'scheduler', 'controllers', 'nodes', 'clusters', 'subscriptions', 'timers', 'relay', 'resync'] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

const root = path.resolve(import.meta.dirname, '../..');

/** Bundles the functions as `sst deploy` does: ESM, minified, everything in one file. */
export async function bundleFunctions(): Promise<Record<FunctionName, Bundle>> {
  const outdir = mkdtempSync(path.join(tmpdir(), 'logplane-functions-'));
  const { metafile } = await build({
    entryPoints: functionNames.map((name) => path.join(root, 'functions', `${name}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // Lambda's functions come without; here it names the lines when something fails.
    sourcemap: 'linked',
    sourcesContent: false,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire as topLevelCreateRequire } from 'node:module'; const require = topLevelCreateRequire(import.meta.url);" },
    metafile: true,
    logLevel: 'error',
  });
  const sizes = new Map(Object.entries(metafile.outputs).map(([file, { bytes }]) => [path.basename(file), bytes]));
  return Object.fromEntries(functionNames.map((name) => [name, { file: path.join(outdir, `${name}.mjs`), bytes: sizes.get(`${name}.mjs`)! }])) as Record<
    FunctionName,
    Bundle
  >;
}
