import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Figures that were measured together: at a commit, on a machine, on a day. */
export interface Measurement {
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What bench/kept-figures.json has. */
export interface KeptFigures {
  /** The version that the others are compared with. */
  readonly before: Measurement;
  /** The newest first. Each figure stands in one of them: the one that measured it last. */
  readonly measurements: readonly Measurement[];
}

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'bench/kept-figures.json');

export const keptFigures = (): KeptFigures => JSON.parse(readFileSync(file, 'utf8'));

/** Writes figures that have just been measured over those of the same names. */
export const keep = (measured: Measurement): void => writeFileSync(file, `${JSON.stringify(merge(keptFigures(), measured), null, 2)}\n`);

/** What is kept, with what was measured now in the place of what was measured of it before. */
export function merge({ before, measurements }: KeptFigures, measured: Measurement): KeptFigures {
  const same = measurements.find((one) => keyOf(one) === keyOf(measured));
  const others = measurements.filter((one) => one !== same).map((one) => ({ ...one, figures: without(one.figures, measured.figures) }));
  const newest = { ...measured, figures: { ...same?.figures, ...measured.figures } };
  return { before, measurements: [newest, ...others].filter(({ figures }) => Object.keys(figures).length > 0) };
}

const keyOf = ({ commit, date, machine }: Measurement) => [commit, date, machine].join('\n');

const without = (figures: Measurement['figures'], gone: Measurement['figures']) =>
  Object.fromEntries(Object.entries(figures).filter(([name]) => !Object.hasOwn(gone, name)));

/** What is measured now, and where. Throws where the sources are not those of the commit: nobody could measure that again. */
export function here(): Omit<Measurement, 'figures'> {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trimEnd();
  // What measuring itself writes is left out.
  const changed = git('status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '' && !WRITTEN.some((one) => line.endsWith(one)));
  if (changed.length > 0) throw new Error(`commit what is changed before figures are kept:\n${changed.join('\n')}`);
  return {
    commit: git('rev-parse', '--short=8', 'HEAD'),
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.availableParallelism()} cores (${process.arch}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
  };
}

const WRITTEN = ['bench/kept-figures.json', 'docs/figures.md', 'bench/compare/measured.json', 'docs/comparison.md'];
