import { describe, expect, it } from 'vitest';
import { formatLabelSelector, formatLabels } from '../apis/columns.ts';
import { type LabelSelector, labelSelectorText, selects } from './label-selector.ts';

describe('a label selector', () => {
  const web = { app: 'web', tier: 'front' };
  const cases: { name: string; selector: LabelSelector | undefined; labels?: Record<string, string>; want: boolean; text: string }[] = [
    { name: 'none selects nothing', selector: undefined, labels: web, want: false, text: '' },
    { name: 'an empty one selects everything', selector: {}, want: true, text: '' },
    { name: 'labels that match', selector: { matchLabels: { tier: 'front', app: 'web' } }, labels: web, want: true, text: 'app=web,tier=front' },
    { name: 'a label of another value', selector: { matchLabels: { app: 'db' } }, labels: web, want: false, text: 'app=db' },
    { name: 'In', selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }] }, labels: web, want: true, text: 'app in (db,web)' },
    { name: 'In without the label', selector: { matchExpressions: [{ key: 'x', operator: 'In', values: ['a'] }] }, labels: web, want: false, text: 'x in (a)' },
    {
      name: 'NotIn without the label',
      selector: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['a'] }] },
      labels: web,
      want: true,
      text: 'x notin (a)',
    },
    { name: 'Exists', selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, labels: web, want: true, text: 'app' },
    { name: 'DoesNotExist', selector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, labels: web, want: false, text: '!app' },
  ];
  it.each(cases)('$name', ({ selector, labels, want, text }) => {
    expect(selects(selector, labels)).toBe(want);
    expect(labelSelectorText(selector)).toBe(text);
  });

  it('prints as <none> when it asks for nothing', () => {
    expect(formatLabelSelector({})).toBe('<none>');
    expect(formatLabels(undefined)).toBe('<none>');
    expect(formatLabels({ b: '2', a: '1' })).toBe('a=1,b=2');
  });
});
