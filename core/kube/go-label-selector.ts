import type { LabelSelector } from './label-selector.ts';

/** A selector as Go prints it (its String method, generated). */
export function goLabelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.keys(matchLabels).sort();
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const text = labels.map((key) => `${key}: ${matchLabels[key]},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${text}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
