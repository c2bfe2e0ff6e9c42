// `npm run docs`: builds the site into docs/site/dist, and fails when a link or an anchor in it leads nowhere. The generator has a folder of its own
// (docs/site/package.json), which is installed when it is missing or another one; nothing else of this needs a network.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brokenLinks } from './check-links.ts';
import { pages } from './pages.ts';

const site = path.resolve(import.meta.dirname, '../../docs/site');

install();
await writePages();
run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build', '.']);
const broken = brokenLinks(path.join(site, 'dist'), process.env['DOCS_BASE']);
for (const fault of broken) console.error(fault);
if (broken.length > 0) process.exit(1);
console.log(`docs/site/dist: all links lead somewhere`);

function install(): void {
  const lock = readFileSync(path.join(site, 'package-lock.json'), 'utf8');
  const mark = path.join(site, 'node_modules/.installed-lock.json');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
  writeFileSync(mark, lock);
}

async function writePages(): Promise<void> {
  const dir = path.join(site, 'pages');
  rmSync(dir, { recursive: true, force: true });
  for (const [page, markdown] of await pages()) {
    const file = path.join(dir, `${page}.md`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, markdown);
  }
  mkdirSync(path.join(dir, 'public'));
  copyFileSync(path.join(site, '../../ui/source/icon.svg'), path.join(dir, 'public/icon.svg'));
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: site, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(1);
}
