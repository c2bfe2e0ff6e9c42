import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A page for each folder of examples, with its files, and one for the manifests. */
export function examplePages(): [page: string, markdown: string][] {
  const examples = readdirSync(path.join(root, 'examples')).sort();
  const isFolder = (name: string) => statSync(path.join(root, 'examples', name)).isDirectory();
  const files = (folder: string) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .sort()
      .map((file) => `${folder}/${file}`)
      .filter((file) => SHOWN.test(file) && !/node_modules|__pycache__|\/\./.test(file));
  return [
    [
      'examples/manifests',
      filesPage(
        'Manifests',
        examples.filter((name) => !isFolder(name)).map((name) => `examples/${name}`),
      ),
    ],
    ...examples.filter(isFolder).map((name): [string, string] => [`examples/${name}`, filesPage(`examples/${name}`, files(`examples/${name}`))]),
    ['examples/audit-policy', filesPage('An audit policy', ['docs/examples/audit-policy.yaml'])],
  ];
}

const SHOWN = /\.(ts|go|py|yaml|json|txt|sh|mod)$/;

const LANGUAGES: Readonly<Record<string, string>> = { mod: 'text', sh: 'bash', txt: 'text', py: 'python' };

/** Four backticks: some of the files have three of their own. */
const filesPage = (title: string, files: readonly string[]): string =>
  [
    `# ${title}`,
    '',
    ...files.flatMap((file) => [`## ${file}`, '', `\`\`\`\`${languageOf(file)}`, readFileSync(path.join(root, file), 'utf8').trimEnd(), '````', '']),
  ].join('\n');

function languageOf(file: string): string {
  const extension = path.extname(file).slice(1);
  return LANGUAGES[extension] ?? extension;
}
