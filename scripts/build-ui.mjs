#!/usr/bin/env node
// Writes ui/dist: the page, built by esbuild, each file with its compressed form beside it, and a manifest of what may be served (core/api/ui/page-files.ts).
// Plain Node 20, no network. Does nothing when the output was made from the same input (`--force`: does it anyway).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'ui/source');
const dist = join(root, 'ui/dist');

/** What the browser is told of each kind of file. */
const MEDIA_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** All that the first visit may ever load, compressed. */
const MOST_BYTES = 200 * 1024;

const input = hashOf([fileURLToPath(import.meta.url), ...filesIn(source), join(root, 'package-lock.json')]);
if (process.argv.includes('--force') || read(join(dist, 'input.txt')) !== input) await build();

async function build() {
  const esbuild = await import('esbuild');
  const built = new Map();
  /** @returns the name of the file that it has become */
  const bundle = async (/** @type {string} */ entry, /** @type {import('esbuild').Plugin[]} */ ...plugins) => {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(source, entry)],
      outdir: dist,
      entryNames: '[name]-[hash]',
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['es2024', 'chrome123', 'firefox128', 'safari17.5'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      write: false,
      logLevel: 'warning',
      plugins,
    });
    const [{ path, contents }] = /** @type {[import('esbuild').OutputFile]} */ (outputFiles);
    const name = relative(dist, path).replaceAll('\\', '/');
    built.set(name, Buffer.from(contents));
    return name;
  };
  // The editor, which is more than the rest, is loaded where something is edited. All else is one file: deployed, each that a browser asks for beside others starts a container.
  const editor = await bundle('parts/code-editor.ts');
  const apart = {
    name: 'editor',
    setup: (/** @type {import('esbuild').PluginBuild} */ { onResolve }) =>
      onResolve({ filter: /\/code-editor\.ts$/ }, () => ({ path: `./${editor}`, external: true })),
  };
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('main.js', await bundle('main.tsx', apart))
    .replace('style.css', await bundle('style.css'));
  built.set('index.html', Buffer.from(page));
  built.set('icon.svg', readFileSync(join(source, 'icon.svg')));
  const files = [...built].map(([name, bytes]) => ({ name, bytes, gzip: gzipSync(bytes, { level: 9 }) }));
  const size = files.reduce((sum, { gzip }) => sum + gzip.length, 0);
  if (size > MOST_BYTES) throw new Error(`the page takes ${size} bytes compressed, of ${MOST_BYTES} at most`);
  const manifest = Object.fromEntries(
    files.map(({ name, bytes }) => [
      name,
      {
        mediaType: MEDIA_TYPES[extname(name)],
        hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
        immutable: /-[A-Z0-9]{8}\.\w+$/.test(name),
      },
    ]),
  );
  const fresh = `${dist}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const write = (/** @type {string} */ name, /** @type {string | Uint8Array} */ bytes) => writeFileSync(join(fresh, name), bytes);
  for (const { name, bytes, gzip } of files) {
    write(name, bytes);
    write(`${name}.gz`, gzip);
  }
  write('manifest.json', JSON.stringify({ files: manifest, bytes: size }));
  write('input.txt', input);
  // Whole or not at all: a host may be reading it. One that has read the manifest of before finds the files of before gone, and reads it again.
  const old = `${dist}.old.${process.pid}`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

function hashOf(/** @type {string[]} */ paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** @returns {string[]} */
function filesIn(/** @type {string} */ folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function read(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
