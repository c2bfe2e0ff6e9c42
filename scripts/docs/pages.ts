import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { decisionsPage } from './decisions-page.ts';
import { examplePages } from './example-pages.ts';
import { kindsPage } from './kinds-page.ts';
import { limitsPage } from './limits-page.ts';
import { metricsPage } from './metrics-page.ts';
import { refusedPage } from './refused-page.ts';
import { outsideCode, rewriteLinks } from './rewrite-links.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Where a page of the repository stands in the site, without `.md`; undefined: it is no page of it. */
export function pageOf(file: string): string | undefined {
  if (file === 'README.md') return 'overview';
  if (file === 'ARCHITECTURE.md') return 'architecture';
  if (file === 'LICENSE') return 'license';
  if (file === 'docs/decisions') return 'decisions/index';
  if (file === 'docs/examples/audit-policy.yaml') return 'examples/audit-policy';
  if (/^examples\/[^/]+$/.test(file) && statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile()) return 'examples/manifests';
  const [, example] = /^examples\/([^/]+)/.exec(file) ?? [];
  if (example && statSync(path.join(root, file), { throwIfNoEntry: false })) return `examples/${example}`;
  return /^docs\/(?!site\/).+\.md$/.test(file) ? file.slice('docs/'.length, -'.md'.length) : undefined;
}

/** The pages of Markdown that stand in the repository. */
export const sourcePages = (): string[] => [
  'README.md',
  'ARCHITECTURE.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('site/'))
    .sort()
    .map((file) => `docs/${file}`),
];

/** The site shows HTML as text; what is said to those who edit a page is not for its readers. */
const withoutComments = (markdown: string) => outsideCode(markdown, (text) => text.replace(/<!--[\s\S]*?-->\n*/g, ''));

/** All pages of the site by their address: those of the repository, with links as the site has them, and those that are made of the code. Throws where one links to what is no page. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const written = sourcePages().map((file): [string, string] => [pageOf(file)!, rewriteLinks(withoutComments(read(file)), file, pageOf)]);
  return new Map([
    ['index', read('docs/site/index.md')],
    ...written,
    ['decisions/index', decisionsPage()],
    ['reference/kinds', kindsPage()],
    ['reference/limits', rewriteLinks(limitsPage(), 'docs/security.md', pageOf)],
    ['reference/metrics', await metricsPage()],
    ['reference/refused', refusedPage()],
    ...examplePages(),
    ['license', `# Licence\n\n\`\`\`text\n${read('LICENSE')}\n\`\`\`\n`],
  ]);
}
