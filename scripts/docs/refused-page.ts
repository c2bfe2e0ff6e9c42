import { number } from '../../bench/catalogue.ts';
import { builtIn } from '../../core/apis/built-in.ts';
import { areas, type Row } from '../../test/documentation/row.ts';
import { otherwise } from '../../test/truth/otherwise.ts';
import { recordings } from '../../test/truth/recordings.ts';

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
    '## Answered as Kubernetes answered it',
    '',
    ...asked(),
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

/** What a real control plane was asked. */
function asked(): string[] {
  const kinds = new Map<string, number>();
  for (const { name, cases } of [...recordings('together'), ...recordings('alone')]) kinds.set(name, (kinds.get(name) ?? 0) + cases.length);
  const followed = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  // Cases of one reason are one row.
  const reasons = Map.groupBy(otherwise(), ({ otherwise: { recorded } }) => recorded);
  return [
    `A Kubernetes 1.36.3 (kube-apiserver, controller manager, scheduler, kwok) was asked ${number(followed + otherwise().length)} questions of our own making, and what it answered was recorded: status, headers, warnings and body. ${number(followed)} are answered to the letter by every run of \`npm test\``,
    '(`test/truth`; times, uids and versions are told apart by their order alone):',
    '',
    '| about | questions |',
    '|---|---|',
    ...[...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `| ${kind} | ${count} |`),
    '',
    `The other ${otherwise().length} are not, and a test holds that they differ:`,
    '',
    '| the recording | why it is not followed | questions |',
    '|---|---|---|',
    ...[...reasons].map(
      ([recorded, cases]) => `| ${cell(recorded)} | ${cell(linked(cases[0]!.otherwise.because))} | ${cases.map(({ id }) => `\`${id}\``).join(', ')} |`,
    ),
    '',
  ];
}

/** Links are those of a page in docs/. */
const linked = (text: string): string => text.replace(/\]\((decisions\/[^)]*)\.md\)/g, '](/$1)');

const notYet = (rows: readonly Row[]): string[] =>
  rows.length === 0
    ? ['Nothing of what is followed: no row is marked as waiting.']
    : ['| page | what | waits for |', '|---|---|---|', ...rows.map((row) => `| ${link(row)} | ${cell(row.what)} | ${row.waits} |`)];

const refusals = ({ then = [] }: Row) => then.flatMap(({ refused }) => (refused ? [refused] : []));

const link = ({ page }: Row): string => `[${page.split('/').at(-1)}](https://kubernetes.io/docs/${page}/)`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
