import { builtIn } from '../../core/apis/built-in.ts';
import { areas, type Row } from '../../test/documentation/row.ts';

/** What the tests that follow Kubernetes' documentation hold: what each page ends in here, what is refused on the way, and what is not done yet. */
export function refusedPage(): string {
  const rows = [...areas.values()].flat();
  const without = builtIn.filter(({ strategy }) => strategy.noEffect);
  return [
    '# What is refused, what is simulated',
    '',
    `Made of the tests: ${rows.length} rows, of ${new Set(rows.map(({ page }) => page)).size} pages of Kubernetes' documentation, each followed on a cluster of its own, of three simulated nodes, by every run of \`npm test\``,
    '(`test/documentation`). What is known to be otherwise than in Kubernetes, and why, is in [What differs](/differences).',
    '',
    '## Kept without effect',
    '',
    'These are kept, and their writer is warned:',
    '',
    '| kind | why |',
    '|---|---|',
    ...without.map(({ kind, strategy }) => `| ${kind} | ${strategy.noEffect!.why} |`),
    '',
    '## Not done yet',
    '',
    ...notYet(rows.filter(({ waits }) => waits)),
    '',
    '## Refused, as Kubernetes refuses it',
    '',
    '| page | what | answer |',
    '|---|---|---|',
    ...rows.flatMap((row) =>
      refusals(row).map(([code, message]) => `| ${link(row)} | ${cell(row.what)} | ${code} \`${message.replaceAll('|', '\\|').replaceAll('`', '')}\` |`),
    ),
    '',
    '## Simulated',
    '',
    'Containers are not run: a small shell plays what their commands say, images are known by their names, and machines, networks and disks are objects alone. What comes of that is what a client reads:',
    '',
    ...[...areas].flatMap(([area, its]) => [
      `### ${area[0]!.toUpperCase()}${area.slice(1)}`,
      '',
      '| page | what happens here |',
      '|---|---|',
      ...its.filter((row) => !row.waits && refusals(row).length === 0).map((row) => `| ${link(row)} | ${cell(row.what)} |`),
      '',
    ]),
  ].join('\n');
}

const notYet = (rows: readonly Row[]): string[] =>
  rows.length === 0
    ? ['Nothing of what is followed: no row is marked as waiting.']
    : ['| page | what | waits for |', '|---|---|---|', ...rows.map((row) => `| ${link(row)} | ${cell(row.what)} | ${row.waits} |`)];

const refusals = ({ then = [] }: Row) => then.flatMap(({ refused }) => (refused ? [refused] : []));

const link = ({ page }: Row): string => `[${page.split('/').at(-1)}](https://kubernetes.io/docs/${page}/)`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
