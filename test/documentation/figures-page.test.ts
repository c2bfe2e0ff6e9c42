import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../bench/catalogue.ts';
import { keptFigures, type Measurement, merge } from '../../bench/kept-figures.ts';
import { figuresPage } from '../../scripts/docs/figures-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const names = catalogue.flatMap(({ figures }) => figures.map(({ name }) => name));

it('docs/figures.md has what is kept (npm run bench -- --keep writes it anew)', () => {
  expect(read('docs/figures.md')).toBe(figuresPage());
});

it('what is kept is in the catalogue, and each figure was measured last once', () => {
  const kept = keptFigures().measurements.flatMap(({ figures }) => Object.keys(figures));
  expect(kept.filter((name) => !names.includes(name))).toEqual([]);
  expect(kept.toSorted()).toEqual([...new Set(kept)].toSorted());
});

it('every figure of the catalogue is one that the bench measures', () => {
  const sources = [
    ...readdirSync(path.join(root, 'bench/figures')).map((file) => `bench/figures/${file}`),
    'bench/scheduler-perf/workloads.ts',
    'test/aws/thousand-pods.ts',
  ]
    .map(read)
    .join('\n');
  // Those of writers and of the scheduler's workloads are put together.
  const stems = names.map((name) => name.replace(/^(sched_.*)_cpu$/, '$1').replace(/^writers_(20|100)_/, ''));
  expect(stems.filter((stem) => !sources.includes(stem))).toEqual([]);
});

describe('what is measured now takes the place of what was measured of it before', () => {
  const of = (commit: string, figures: Measurement['figures']): Measurement => ({ commit, date: '2026-01-01', machine: 'm', figures });
  const before = of('0', {});
  const check = (measurements: readonly Measurement[], measured: Measurement, want: readonly Measurement[]) =>
    expect(merge({ before, measurements }, measured)).toEqual({ before, measurements: want });

  it('of another commit', () => check([of('a', { x: 1, y: 2 })], of('b', { y: 3 }), [of('b', { y: 3 }), of('a', { x: 1 })]));
  it('of the same', () => check([of('a', { x: 1, y: 2 })], of('a', { y: 3, z: 4 }), [of('a', { x: 1, y: 3, z: 4 })]));
  it('all of it', () => check([of('a', { x: 1 })], of('b', { x: 2 }), [of('b', { x: 2 })]));
});
