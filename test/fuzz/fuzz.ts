import { parseArgs } from 'node:util';
import { inputs } from './every-input.ts';
import { type Growth, grow } from './growth.ts';

/**
 * `npm run fuzz -- [--repeat N] [NAME …]`: takes each kind of input that a client controls through four sizes, each twice the one before, and prints what the
 * work costs. Exits 1 when that grows faster than the input. NAME: only kinds whose names include it.
 */
const usage = `Usage: npm run fuzz -- [options] [NAME ...]

Takes every kind of input that a client controls through sizes that double, up to the largest that is let in, and prints a line for each:
its name, its largest size, the computing time for each size in ms, the growth exponent (1: in proportion, 2: with the square), and what was answered.
Exits with 1 when something grows faster than in proportion, or is not answered as it is to be.

  NAME          only the kinds whose names include one of these
  --repeat N    take the shortest of N times for each size (default 3)
  -h, --help    print this`;

const { values, positionals } = parseArgs({
  options: { repeat: { type: 'string', default: '3' }, help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const chosen = inputs.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
if (chosen.length === 0) {
  console.error(`no kind of input has a name with ${positionals.join(' or ')} in it`);
  process.exit(2);
}

const width = Math.max(...chosen.map(({ name }) => name.length));
console.log(
  `${'input'.padEnd(width)}  ${'size'.padStart(8)}  ${'ms at 1/8'.padStart(9)} ${'1/4'.padStart(8)} ${'1/2'.padStart(8)} ${'all'.padStart(8)}  growth  answer`,
);
let failed = 0;
for (const input of chosen) {
  const growth = await grow(input, Number(values.repeat));
  if (growth.problem) failed++;
  console.log(`${input.name.padEnd(width)}  ${lineOf(growth, input.size)}`);
}
console.log(`${chosen.length - failed} of ${chosen.length} kinds of input cost no more than in proportion to their size`);
process.exit(failed > 0 ? 1 : 0);

function lineOf({ ms, exponent, answer, problem }: Growth, size: number): string {
  const [first, ...rest] = ms.map((time) => time.toFixed(1));
  const numbers = `${first!.padStart(9)} ${rest.map((time) => time.padStart(8)).join(' ')}`;
  return `${String(size).padStart(8)}  ${numbers}  ${exponent === undefined ? '     -' : exponent.toFixed(2).padStart(6)}  ${answer}${problem ? `  PROBLEM: ${problem}` : ''}`;
}
