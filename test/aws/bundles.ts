import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';

export const functionNames = ['api', 'scheduler', 'controllers', 'nodes', 'clusters', 'subscriptions', 'timers', 'relay', 'resync'] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

const root = path.resolve(import.meta.dirname, '../..');

/** Bundles the functions as `sst deploy` does: ESM, minified, everything in one file, but for what the API server reads with the first plan; beside that the files of the page (`copyFiles` of infra/api.ts). */
export async function bundleFunctions(): Promise<Record<FunctionName, Bundle>> {
  const alone = functionNames.filter((name) => name !== 'api');
  const [split, whole] = await Promise.all([bundled(['api'], { splitting: true }), bundled(alone, { splitting: false })]);
  cpSync(path.join(root, 'ui/dist'), path.join(path.dirname(split.api!.file), 'ui'), { recursive: true });
  return { ...split, ...whole } as Record<FunctionName, Bundle>;
}

async function bundled(names: readonly FunctionName[], { splitting }: { splitting: boolean }): Promise<Partial<Record<FunctionName, Bundle>>> {
  const outdir = mkdtempSync(path.join(tmpdir(), 'logplane-functions-'));
  const { metafile } = await build({
    entryPoints: names.map((name) => path.join(root, 'functions', `${name}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting,
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
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]));
  return Object.fromEntries(names.map((name) => [name, { file: path.join(outdir, `${name}.mjs`), bytes: bytesOf(`${name}.mjs`, outputs) }]));
}

/** Of a file, and of all that it imports as it starts. */
function bytesOf(file: string, outputs: ReadonlyMap<string, Metafile['outputs'][string]>): number {
  const reached = new Set([file]);
  for (const each of reached) {
    const { imports = [] } = outputs.get(each) ?? {};
    for (const { path: imported, kind } of imports)
      if (kind === 'import-statement' && outputs.has(path.basename(imported))) reached.add(path.basename(imported));
  }
  return [...reached].reduce((sum, each) => sum + outputs.get(each)!.bytes, 0);
}
