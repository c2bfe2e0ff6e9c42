import { describe, expect, it } from 'vitest';
import { FieldSet } from './field-set.ts';
import { kept } from './kept-once.ts';
import { difference, differenceBelow, intersection, union } from './set-operations.ts';

const fields = (...paths: string[]): FieldSet =>
  FieldSet.of(...paths.map((path) => path.split('/').map((step) => (step.startsWith('k:') ? step : `f:${step}`))));
const texts = (set: FieldSet): string[] => [...set.paths()].map((path) => path.map((step) => step.replace(/^f:/, '')).join('/')).sort();

const a = fields('spec/replicas', 'spec/template', 'status/phase');
const b = fields('spec', 'spec/replicas', 'metadata/labels');

describe.each([
  { name: 'union', operation: union, want: ['metadata/labels', 'spec', 'spec/replicas', 'spec/template', 'status/phase'] },
  { name: 'intersection', operation: intersection, want: ['spec/replicas'] },
  { name: 'difference', operation: difference, want: ['spec/template', 'status/phase'] },
  { name: 'differenceBelow', operation: differenceBelow, want: ['status/phase'] },
])('$name', ({ operation, want }) => {
  it('is the same of sets that are kept once and of others', () => {
    expect(texts(operation(a, b))).toEqual(want);
    expect(texts(operation(kept(a), kept(b)))).toEqual(want);
  });

  it('makes nothing anew of sets that are kept once', () => {
    expect(operation(kept(a), kept(b))).toBe(operation(kept(a), kept(b)));
  });
});

it('makes anew only the way to what one object alone has', () => {
  const address = (ip: string) => fields('spec/replicas', 'spec/template', `status/podIPs/k:{"ip":"${ip}"}`);
  const left = (ip: string) =>
    difference(new FieldSet(false, address(ip).elements, address(ip).children.map(kept)), kept(fields('spec/template', 'status/phase')));
  const [one, other] = [left('10.244.1.2'), left('10.244.1.3')];
  expect(one).not.toBe(other);
  expect(one.at('f:spec')).toBe(other.at('f:spec'));
});
