import { parseArgs } from 'node:util';
import { inputs } from './every-input.ts';
import { type Growth, grow } from './growth.ts';
import { assault } from './random/assault.ts';
import { subjects } from './random/subjects.ts';

/**
 * `npm run fuzz -- [--repeat N] [--seeds N] [NAME …]`: takes each kind of input that a client controls through four sizes, each twice the one before, and prints what the
 * work costs; then sends random requests about each subject. Exits 1 when work grows faster than its input, or a request does what none may. NAME: only what has it in its name.
 */
const usage = `Usage: npm run fuzz -- [options] [NAME ...]

Takes every kind of input that a client controls through sizes that double, up to the largest that is let in, and prints a line for each:
its name, its largest size, the computing time for each size in ms, the growth exponent (1: in proportion, 2: with the square), and what was answered.
Then sends random requests, right and wrong, about objects of every kind, definitions, custom objects and expressions, and prints a line for each seed that
finds a crash, an answer 500, or a change that is not whole.
Exits with 1 when something grows faster than in proportion, or is not answered as it is to be.

  NAME          only the kinds of input, and the subjects of random requests, whose names include one of these
  --repeat N    take the shortest of N times for each size (default 3)
  --seeds N     how many clusters get random requests about each subject (default 100)
  --seed S      only random requests, and of this seed alone
  -h, --help    print this`;

/** About one subject, to one cluster. */
const REQUESTS = 100;

const { values, positionals } = parseArgs({
  options: {
    repeat: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const isChosen = ({ name }: { readonly name: string }) => positionals.length === 0 || positionals.some((part) => name.includes(part));
const chosen = values.seed === undefined ? inputs.filter(isChosen) : [];
const about = subjects.filter(isChosen);
if (chosen.length + about.length === 0) {
  console.error(`nothing has a name with ${positionals.join(' or ')} in it`);
  process.exit(2);
}
const failed = (await growths()) + (await assaults());
process.exit(failed > 0 ? 1 : 0);

async function growths(): Promise<number> {
  if (chosen.length === 0) return 0;
  const width = Math.max(...chosen.map(({ name }) => name.length));
  console.log(
    `${'input'.padEnd(width)}  ${'size'.padStart(8)}  ${'ms at 1/8'.padStart(9)} ${'1/4'.padStart(8)} ${'1/2'.padStart(8)} ${'all'.padStart(8)}  growth  answer`,
  );
  let problems = 0;
  for (const input of chosen) {
    const growth = await grow(input, Number(values.repeat));
    if (growth.problem) problems++;
    console.log(`${input.name.padEnd(width)}  ${lineOf(growth, input.size)}`);
  }
  console.log(`${chosen.length - problems} of ${chosen.length} kinds of input cost no more than in proportion to their size`);
  return problems;
}

async function assaults(): Promise<number> {
  const seeds = values.seed !== undefined ? [Number(values.seed)] : Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
  let problems = 0;
  for (const subject of about) {
    let found = 0;
    for (const seed of seeds) {
      const findings = await assault(subject, seed, REQUESTS);
      if (findings.length === 0) continue;
      found++;
      console.error(`npm run fuzz -- --seed ${seed} '${subject.name}'\n  ${findings.join('\n  ')}`);
    }
    console.log(`random requests about ${subject.name}: ${seeds.length} seeds, ${found} failed`);
    problems += found;
  }
  return problems;
}

function lineOf({ ms, exponent, answer, problem }: Growth, size: number): string {
  const [first, ...rest] = ms.map((time) => time.toFixed(1));
  const numbers = `${first!.padStart(9)} ${rest.map((time) => time.padStart(8)).join(' ')}`;
  return `${String(size).padStart(8)}  ${numbers}  ${exponent === undefined ? '     -' : exponent.toFixed(2).padStart(6)}  ${answer}${problem ? `  PROBLEM: ${problem}` : ''}`;
}
