import { describe, expect, it } from 'vitest';
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../../schema/generated/kinds.ts';
import { matchesNode, matchesNodeSelector, matchesTerm, Tolerations, tolerates, untolerated } from './node-match.ts';

const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels: { zone: 'z', rank: '5', negative: '-3' } } };

describe('a term of a node selector', () => {
  const one = (operator: string, key: string, ...values: string[]): NodeSelectorTerm => ({ matchExpressions: [{ key, operator, values }] });
  it.each([
    { term: one('In', 'zone', 'y', 'z'), want: true },
    { term: one('In', 'none', 'z'), want: false },
    { term: one('NotIn', 'zone', 'z'), want: false },
    { term: one('NotIn', 'none', 'z'), want: true },
    { term: one('Exists', 'zone'), want: true },
    { term: one('DoesNotExist', 'zone'), want: false },
    { term: one('Gt', 'rank', '4'), want: true },
    { term: one('Gt', 'rank', '5'), want: false },
    { term: one('Lt', 'negative', '0'), want: true },
    { term: one('Gt', 'zone', '0'), want: false },
    { term: one('Gt', 'none', '0'), want: false },
    { term: one('Unknown', 'zone'), want: false },
    { term: {}, want: false },
    { term: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }, want: true },
    { term: { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }] }, want: false },
    { term: { matchFields: [{ key: 'metadata.uid', operator: 'Exists' }] }, want: false },
    { term: { ...one('Exists', 'zone'), matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }, want: false },
  ])('$term: $want', ({ term, want }) => expect(matchesTerm(term, node)).toBe(want));

  it('is one of several that may hold; none holds for nothing', () => {
    expect(matchesNodeSelector({ nodeSelectorTerms: [one('Exists', 'none'), one('Exists', 'zone')] }, node)).toBe(true);
    expect(matchesNodeSelector({ nodeSelectorTerms: [] }, node)).toBe(false);
  });
});

describe('a pod asks for a node', () => {
  const required = (...nodeSelectorTerms: NodeSelectorTerm[]) => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } });
  it.each([
    { name: 'of any kind', spec: {}, want: true },
    { name: 'with labels', spec: { nodeSelector: { zone: 'z', rank: '5' } }, want: true },
    { name: 'with other labels', spec: { nodeSelector: { zone: 'z', rank: '6' } }, want: false },
    {
      name: 'with labels and affinity',
      spec: { nodeSelector: { zone: 'z' }, affinity: required({ matchExpressions: [{ key: 'rank', operator: 'Exists' }] }) },
      want: true,
    },
    {
      name: 'with labels and another affinity',
      spec: { nodeSelector: { zone: 'z' }, affinity: required({ matchExpressions: [{ key: 'none', operator: 'Exists' }] }) },
      want: false,
    },
  ] as { name: string; spec: Partial<PodSpec>; want: boolean }[])('$name', ({ spec, want }) =>
    expect(matchesNode({ containers: [], ...spec }, node)).toBe(want),
  );
});

describe('a toleration', () => {
  const taint: Taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
  it.each<{ toleration: Toleration; want: boolean }>([
    { toleration: { key: 'k', value: 'v' }, want: true },
    { toleration: { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }, want: true },
    { toleration: { key: 'k', value: 'other' }, want: false },
    { toleration: { key: 'k', operator: 'Exists' }, want: true },
    { toleration: { key: 'other', operator: 'Exists' }, want: false },
    { toleration: { operator: 'Exists' }, want: true },
    { toleration: { operator: 'Exists', effect: 'NoExecute' }, want: false },
    { toleration: { key: 'k', value: 'v', effect: 'NoExecute' }, want: false },
  ])('$toleration: $want', ({ toleration, want }) => expect(tolerates(toleration, taint)).toBe(want));

  it('is found among many as it is alone', () => {
    const [keys, values, effects] = [
      ['', 'k', 'j'],
      [undefined, '', 'v'],
      [undefined, 'NoSchedule', 'NoExecute'],
    ];
    const all = keys.flatMap((key) =>
      values.flatMap((value) =>
        effects.flatMap((effect) => [undefined, 'Equal', 'Exists'].map((operator) => ({ key, value, effect, operator }) as Toleration)),
      ),
    );
    for (const given of ['NoSchedule', 'NoExecute', 'PreferNoSchedule'].flatMap((effect) => [
      { key: 'k', effect },
      { key: 'k', value: 'v', effect },
    ])) {
      for (const toleration of all)
        expect(Tolerations.of([toleration]).seconds(given) !== undefined, JSON.stringify([toleration, given])).toBe(tolerates(toleration, given));
    }
  });

  it('is read once for all pods without any', () => expect(Tolerations.of(undefined)).toBe(Tolerations.of(undefined)));

  it('holds for the shortest time of those that fit', () => {
    const seconds = (...tolerations: Toleration[]) => Tolerations.of(tolerations).seconds({ key: 'k', value: 'v', effect: 'NoExecute' });
    const exists = { key: 'k', operator: 'Exists' };
    expect(seconds(exists)).toBe(Number.POSITIVE_INFINITY);
    expect(
      seconds(
        exists,
        { ...exists, tolerationSeconds: 30 },
        { operator: 'Exists', tolerationSeconds: 20 },
        { key: 'x', operator: 'Exists', tolerationSeconds: 1 },
      ),
    ).toBe(20);
    expect(seconds({ key: 'x', operator: 'Exists' })).toBeUndefined();
  });

  it('is looked for where it matters', () => {
    const taints: Taint[] = [taint, { key: 'soft', effect: 'PreferNoSchedule' }, { key: 'x', effect: 'NoExecute' }];
    expect(untolerated(taints, [], ['NoSchedule', 'NoExecute'])?.key).toBe('k');
    expect(untolerated(taints, [{ key: 'k', operator: 'Exists' }], ['NoSchedule', 'NoExecute'])?.key).toBe('x');
    expect(untolerated(taints, [{ key: 'k', operator: 'Exists' }], ['NoSchedule'])).toBeUndefined();
    expect(untolerated(undefined, undefined, ['NoSchedule'])).toBeUndefined();
  });
});
