// Makes one file of the command line's some thousand sources, so that a start need not look for each of them, nor strip its types: that is two thirds of the computing time of a start. Kept in
// node_modules/.cache and made again when a source has changed. Plain Node 20.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The file to run in the place of `entry`.
 * @param {string} root the folder of the sources
 * @param {string} entry of them, relative to it
 * @returns {Promise<string>} its path; that of the entry where no bundle can be made or kept
 */
export async function bundled(root, entry) {
  const cache = path.join(root, 'node_modules/.cache/logplane/bundles');
  const file = (folder) => path.join(cache, folder, `${path.basename(entry, '.ts')}.mjs`);
  const current = currentIn(cache, root);
  if (current !== undefined) return file(current);
  try {
    return file(await bundle(root, entry, cache));
  } catch {
    // Sources that cannot be bundled: running them says in which line what is wrong.
    return path.join(root, entry);
  }
}

/** Which of the bundles is of the newest sources, and what went into it. */
const CURRENT = 'current.json';

/** The folder of the bundle whose sources are what they were, by size and time, as make has it. */
function currentIn(cache, root) {
  const current = path.join(cache, CURRENT);
  if (!existsSync(current)) return undefined;
  const { folder, inputs } = JSON.parse(readFileSync(current, 'utf8'));
  const isCurrent = existsSync(path.join(cache, folder)) && Object.entries(inputs).every(([name, stamp]) => stampOf(path.join(root, name)) === stamp);
  return isCurrent ? folder : undefined;
}

function stampOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.size} ${found.mtimeMs}`;
}

/** In a folder of its own: another process may be starting, or read later parts of the one before. */
async function bundle(root, entry, cache) {
  const { build } = await import('esbuild');
  const folder = `${Date.now()}-${process.pid}`;
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outdir: path.join(cache, folder),
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
  const inputs = Object.fromEntries(names.map((name) => [name, stampOf(path.join(root, name))]));
  const draft = path.join(cache, `${CURRENT}.${process.pid}`);
  writeFileSync(draft, JSON.stringify({ folder, inputs }));
  renameSync(draft, path.join(cache, CURRENT));
  removeOld(cache, folder);
  return folder;
}

/** Those that no process can have been started from for a week: hosts read their later parts when they need them. */
function removeOld(cache, current) {
  for (const name of readdirSync(cache)) {
    const made = Number(/^\d+(?=-\d+$)/.exec(name)?.[0] ?? Number.NaN);
    if (name !== current && made < Date.now() - WEEK_MS) rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

const WEEK_MS = 7 * 24 * 3_600_000;
