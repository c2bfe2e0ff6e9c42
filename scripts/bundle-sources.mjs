// Makes one file of the command line's some thousand sources, so that a start need not look for each of them, nor strip its types: that is two thirds of the computing time of a start. Kept in
// node_modules/.cache and made again when a source has changed. Plain Node 20.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The file to run in the place of `entry`.
 * @param {string} root the folder of the sources
 * @param {string} entry of them, relative to it
 * @returns {Promise<string>} its path; that of the entry where no bundle can be made or kept
 */
export async function bundled(root, entry) {
  const folder = path.join(root, 'node_modules/.cache/logplane/bundle');
  const file = path.join(folder, `${path.basename(entry, '.ts')}.mjs`);
  if (isCurrent(root, folder)) return file;
  try {
    await bundle(root, entry, folder);
    return file;
  } catch {
    // Sources that cannot be bundled: running them says in which line what is wrong.
    return path.join(root, entry);
  }
}

const INPUTS = 'inputs.json';

/** Whether all that went into it is what it was, by size and time, as make has it. */
function isCurrent(root, folder) {
  if (!existsSync(path.join(folder, INPUTS))) return false;
  const inputs = Object.entries(JSON.parse(readFileSync(path.join(folder, INPUTS), 'utf8')));
  return inputs.every(([name, stamp]) => stampOf(path.join(root, name)) === stamp);
}

function stampOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.size} ${found.mtimeMs}`;
}

/** Whole or not at all: another one may be starting. */
async function bundle(root, entry, folder) {
  const { build } = await import('esbuild');
  const draft = `${folder}.${process.pid}`;
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outdir: draft,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'lib/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire as topLevelCreateRequire } from 'node:module'; const require = topLevelCreateRequire(import.meta.url);" },
    // Loaded with the first subscription, if at all.
    external: ['@aws-sdk/*', 'cloudevents'],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  // The lockfile stands for all that is installed.
  const names = [...Object.keys(metafile.inputs).filter((name) => !name.startsWith('node_modules/')), 'package-lock.json', 'scripts/bundle-sources.mjs'];
  writeFileSync(path.join(draft, INPUTS), JSON.stringify(Object.fromEntries(names.map((name) => [name, stampOf(path.join(root, name))]))));
  mkdirSync(path.dirname(folder), { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start has put one there meanwhile.
    if (!isCurrent(root, folder)) throw error;
  }
}
