import { readFileSync } from 'node:fs';

/** The tables of docs/security.md that say how much of what there may be (test/conformance/security-page.test.ts holds that page), with the links of that page. */
export function limitsPage(): string {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  return [
    '# Limits',
    '',
    'Taken from [Security](security.md#what-is-refused-before-it-costs-much), which says why, and what follows from them.',
    '',
    ...SECTIONS.flatMap((heading) => [`## ${heading}`, '', ...tableBelow(text, heading), '']),
  ].join('\n');
}

const SECTIONS = ['What is refused before it costs much', 'What a client costs that does not read', 'What a deployment on AWS is protected by'];

function tableBelow(text: string, heading: string): string[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [, table] = /((?:^\|.*\n)+)/m.exec(section.split(/^## /m)[0]!) ?? [];
  if (!table) throw new Error(`docs/security.md has no table below "${heading}"`);
  return table.trimEnd().split('\n');
}
