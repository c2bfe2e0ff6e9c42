// Builds what is published: dist/logplane, and dist/@logplane/testing, which re-exports a part of it. Everything is bundled: the package has no dependencies, no
// TypeScript and no script that runs when it is installed (docs/decisions/0038-the-package.md).
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import v8Flags from '../local/v8-flags.json' with { type: 'json' };
import { testingTypes } from './testing-types.ts';

const root = path.resolve(import.meta.dirname, '..');
const into = path.resolve(root, process.argv[2] ?? 'dist');
const out = path.join(into, 'logplane');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** Loaded by `require` where Node is too old to do without, as they are. */
const vendored = {
  'node-sqlite3-wasm': ['package.json', 'LICENSE', 'dist'],
  '@bokuweb/zstd-wasm': ['package.json', 'dist/common'],
};

const entryPoints = { cli: 'local/cli.ts', testing: 'local/testing/packaged.ts' };

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints,
  absWorkingDir: root,
  outdir: out,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'lib/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [olderNode()],
  banner: { js: "import{createRequire as topLevelCreateRequire}from'node:module';const require=topLevelCreateRequire(import.meta.url);" },
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
});
makeExecutable(path.join(out, 'cli.mjs'));
for (const [name, files] of Object.entries(vendored))
  for (const file of files) cpSync(path.join(root, 'node_modules', name, file), path.join(out, 'vendor', name, file), { recursive: true, filter: isNeeded });
if (existsSync(path.join(root, 'ui/dist'))) cpSync(path.join(root, 'ui/dist'), path.join(out, 'ui'), { recursive: true });
writeFileSync(path.join(out, 'testing.d.ts'), testingTypes());
for (const file of ['README.md', 'LICENSE']) cpSync(path.join(root, file), path.join(out, file));
writeFileSync(path.join(out, 'THIRD_PARTY_NOTICES'), notices([...packagesIn(metafile), ...Object.keys(vendored)]));
writeJson(path.join(out, 'package.json'), {
  ...describing('logplane'),
  bin: { logplane: 'cli.mjs', 'kubectl-logplane': 'cli.mjs', 'kubectl_complete-logplane': 'cli.mjs' },
  exports: { './testing': { types: './testing.d.ts', default: './testing.mjs' }, './package.json': './package.json' },
});
writeTestingPackage(path.join(into, '@logplane/testing'));

/** What a Node before the pinned one does not have comes from local/older-node there: its modules re-export those of Node. */
function olderNode(): Plugin {
  const folder = path.join(root, 'local/older-node');
  return {
    name: 'older-node',
    setup({ onResolve }) {
      onResolve({ filter: /^node:(sqlite|zlib|tls)$/ }, ({ path: name, importer }) => {
        const isOurs = !importer.startsWith(folder) && !importer.includes(`${path.sep}node_modules${path.sep}`);
        return isOurs ? { path: path.join(folder, `${name.slice('node:'.length)}.ts`) } : { path: name, external: true };
      });
    },
  };
}

/**
 * V8 takes some flags only when the process starts (docs/decisions/0006-bounded-passes.md), and `env` has no `-S` everywhere: a shell reads the second line as a command, JavaScript as a text that
 * does nothing and a comment.
 */
function makeExecutable(file: string): void {
  const program = readFileSync(file, 'utf8').replace(/^#!.*\n/, '');
  writeFileSync(file, `#!/bin/sh\n":" //; exec node ${v8Flags.join(' ')} "$0" "$@"\n${program}`);
  chmodSync(file, 0o755);
}

function isNeeded(file: string): boolean {
  return !/\.(d\.ts|map)$/.test(file);
}

function describing(name: string): object {
  const { version, description, license, engines } = manifest;
  return { name, version, description, license, type: 'module', engines };
}

function writeTestingPackage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of ['index.mjs', 'index.d.ts']) writeFileSync(path.join(folder, file), "export * from 'logplane/testing';\n");
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  writeJson(path.join(folder, 'package.json'), {
    ...describing('@logplane/testing'),
    exports: { '.': { types: './index.d.ts', default: './index.mjs' } },
    dependencies: { logplane: manifest.version },
  });
}

/** The packages of which something is in the bundle, by their folder in node_modules. */
function packagesIn({ outputs }: Metafile): string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return [...new Set(files.flatMap((file) => /^node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []))];
}

/** The licenses of what is not ours. */
function notices(folders: readonly string[]): string {
  const texts = [...new Set(folders)].sort().map((folder) => {
    const dir = path.join(root, 'node_modules', folder);
    const { name, version, license } = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8'));
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'].map((each) => path.join(dir, each)).find((each) => existsSync(each));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(file, 'utf8').trim() : 'The package comes without the text of its license.'}`;
  });
  return `Logplane's package contains all or parts of these.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
