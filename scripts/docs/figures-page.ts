import { aimText, catalogue, type Figure, isReached, number } from '../../bench/catalogue.ts';
import { type KeptFigures, keptFigures } from '../../bench/kept-figures.ts';

/** docs/figures.md: what bench/kept-figures.json has of each figure of bench/catalogue.ts. */
export function figuresPage({ before, measurements }: KeptFigures = keptFigures()): string {
  const values = Object.assign({}, ...measurements.map(({ figures }) => figures)) as Record<string, number>;
  const all = catalogue.flatMap(({ figures }) => figures);
  const missed = all.filter(({ name, aim }) => aim && name in values && !isReached(aim, values[name]!, values));
  const row = ({ name, what, aim }: Figure) => {
    const value = values[name];
    const shown = value === undefined ? '' : number(value);
    const at = measurements.findIndex(({ figures }) => name in figures) + 1;
    const was = before.figures[name];
    return `| \`${name}\` | ${was === undefined ? '' : number(was)} | ${missed.some((one) => one.name === name) ? `**${shown}**` : shown} | ${aim ? unbroken(aimText(aim)) : ''} | ${what} | ${at || ''} |`;
  };
  return [
    '# Figures',
    '',
    '<!-- Written by the bench, with its option keep: what is changed by hand is lost. -->',
    '',
    'What `npm run bench` measures, as it came out last. The clients run on the same machine, on the same cores. Machines differ by tens of percent from hour to hour: trust ratios, and measure on yours (`npm run bench -- --json FILE`, or the names of',
    "some figures' files behind it, `npm run bench -- creates watch`). [Performance](performance.md) says where the figures come from, and what limits them.",
    '',
    missed.length === 0
      ? 'All aims are reached.'
      : `${missed.length} of ${all.filter(({ aim }) => aim).length} aims are not reached, shown in bold: ${missed.map(({ name }) => `\`${name}\``).join(', ')}.`,
    '',
    `*Before* is commit \`${before.commit}\` (${before.date}), before access, admission and field management had a say in each write. The last column says which of these measurements a figure is of:`,
    '',
    '| | commit | day | machine |',
    '|---|---|---|---|',
    ...measurements.map(({ commit, date, machine }, i) => `| ${i + 1} | \`${commit}\` | ${date} | ${machine} |`),
    '',
    ...catalogue.flatMap(({ title, figures }) => [
      `## ${title}`,
      '',
      ...table(figures.filter(({ name }) => name in values).map(row)),
      ...notMeasured(figures.filter(({ name }) => !(name in values))),
      '',
    ]),
  ].join('\n');
}

const table = (rows: readonly string[]): string[] =>
  rows.length === 0 ? [] : ['| figure | before | now | aim | what it is | of |', '|---|---|---|---|---|---|', ...rows];

/** No line ends between the sign and the number, in a narrow column. */
const unbroken = (text: string): string => text.replace(/^(.) /, '$1\u00a0');

const notMeasured = (figures: readonly Figure[]): string[] =>
  figures.length === 0 ? [] : ['', `Printed, too, and not kept yet: ${figures.map(({ name }) => `\`${name}\``).join(', ')}.`];
