import { describe, expect, it, vi } from 'vitest';
import type { LabelSelector, PodDisruptionBudget } from '../schema/generated/kinds.ts';
import { assume } from '../state/evolve.ts';
import { State } from '../state/state.ts';
import { stateOf } from '../testing/state.ts';
import { selectedPods, selecting, selectorIndex } from './label-selection.ts';

const pod = (name: string, labels?: Record<string, string>, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, ...(labels && { labels }) },
});

const budget = (name: string, selector?: LabelSelector, namespace = 'default'): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace },
  spec: { ...(selector && { selector }) },
});

const budgets = selectorIndex('poddisruptionbudgets.policy', ({ spec }) => spec?.selector);

const web = pod('web', { app: 'web', tier: 'front' });
const db = pod('db', { app: 'db' });
const bare = pod('bare');
const pods = [web, db, bare, pod('web', { app: 'web', tier: 'front' }, 'other')];

describe('selection by labels', () => {
  const cases: { name: string; selector: LabelSelector | undefined; want: string[] }[] = [
    { name: 'no selector', selector: undefined, want: [] },
    { name: 'everything', selector: {}, want: ['bare', 'db', 'web'] },
    { name: 'a label', selector: { matchLabels: { app: 'web' } }, want: ['web'] },
    { name: 'two labels', selector: { matchLabels: { app: 'web', tier: 'front' } }, want: ['web'] },
    { name: 'two labels of which no pod has both', selector: { matchLabels: { app: 'db', tier: 'front' } }, want: [] },
    { name: 'one of some values', selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db', 'web'] }] }, want: ['db', 'web'] },
    { name: 'none of some values', selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, want: ['bare', 'db'] },
    { name: 'a label, whatever its value', selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, want: ['web'] },
    { name: 'the want of a label', selector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, want: ['bare', 'db'] },
    {
      name: 'several requirements',
      selector: {
        matchExpressions: [
          { key: 'tier', operator: 'DoesNotExist' },
          { key: 'app', operator: 'In', values: ['web', 'db'] },
        ],
      },
      want: ['db'],
    },
  ];

  it.each(cases)('finds the pods: $name', ({ selector, want }) => {
    const found = selectedPods(selector, 'default', stateOf(pods));
    expect(found.map(({ metadata }) => metadata.name).sort()).toEqual(want);
    expect(found.every(({ metadata }) => metadata.namespace === 'default')).toBe(true);
  });

  it.each(cases)('is found by the pods: $name', ({ selector, want }) => {
    const state = stateOf([budget('b', selector), budget('b', selector, 'another')]);
    const found = [web, db, bare].filter((of) => selecting(budgets, of, state).length > 0).map(({ metadata }) => metadata.name);
    expect(found.sort()).toEqual(want);
  });

  it('once known looks at nothing but what it finds', () => {
    const many = Array.from({ length: 500 }, (_, i) => [pod(`p${i}`, { app: `a${i}` }), budget(`b${i}`, { matchLabels: { app: `a${i}` } })]).flat();
    const known = stateOf(many);
    const selector = { matchLabels: { app: 'a7' } };
    selectedPods(selector, 'default', known);
    selecting(budgets, web, known);
    const state = assume(known, 'pods/default/new', pod('new', { app: 'a7' }));
    const [list, get] = [vi.spyOn(State.prototype, 'list'), vi.spyOn(State.prototype, 'by')];
    expect(selectedPods(selector, 'default', state).map(({ metadata }) => metadata.name)).toEqual(['new', 'p7']);
    expect(selecting(budgets, pod('x', { app: 'a7' }), state).map(({ metadata }) => metadata.name)).toEqual(['b7']);
    expect(list).not.toHaveBeenCalled();
    expect(get.mock.results.flatMap(({ value }) => value)).toHaveLength(3);
    vi.restoreAllMocks();
  });
});
