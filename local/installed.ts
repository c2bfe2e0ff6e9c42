import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Whether this runs from the sources or from the package that scripts/build-package.ts makes of them, and what is where in either: nothing else asks.

/** The folder that has package.json: of the sources, which may be bundled (scripts/bundle-sources.mjs), or of the package. */
const root = rootOf(path.dirname(fileURLToPath(import.meta.url)));
const isPackage = !existsSync(path.join(root, 'local'));

/** Of the program, as package.json has it. */
export const versionOf = (): string => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;

/** A file of what comes with the program, which both have under the same name or in a place of its own. */
export const assetPath = (name: keyof typeof ASSETS): string => path.join(root, isPackage ? ASSETS[name].package : ASSETS[name].sources);

const ASSETS = {
  /** The page. */
  ui: { package: 'ui', sources: 'ui/dist' },
} as const;

/** A module that is loaded by `require` where Node is too old to do without. */
export const vendorPath = (name: string): string => (isPackage ? path.join(root, 'vendor', name) : name);

/**
 * Where V8 keeps what it compiles. It is run as it is found there: the folder is of this user alone. The package may be installed where it cannot write, and Node keeps caches of several versions of
 * itself and of files apart.
 */
export const compileCachePath = (): string =>
  isPackage
    ? path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'logplane', 'compiled')
    : path.join(root, 'node_modules/.cache/logplane/compiled');

function rootOf(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : rootOf(path.dirname(folder));
}
