import { describe, expect, it } from 'vitest';
import { type ClusterObject, treeOf } from './cluster-object.ts';

const cluster = (name: string, of?: string): ClusterObject => ({ metadata: { name }, spec: of === undefined ? {} : { forkOf: { name: of } } });
const check = (...clusters: ClusterObject[]) =>
  treeOf(clusters).map(({ cluster: { metadata }, depth, isOrphan }) => `${' '.repeat(depth)}${metadata.name}${isOrphan ? '?' : ''}`);

describe('clusters as a tree', () => {
  it('have their forks below them, by their names', () =>
    expect(check(cluster('lab-10', 'lab'), cluster('lab-2', 'lab'), cluster('lab'), cluster('deep', 'lab-2'), cluster('a'))).toEqual([
      'a',
      'lab',
      ' lab-2',
      '  deep',
      ' lab-10',
    ]));

  it('are shown where what they are forks of is gone', () => expect(check(cluster('b', 'gone'), cluster('c', 'b'))).toEqual(['b?', ' c']));

  it('are all shown, also where a name came again', () => expect(check(cluster('a', 'b'), cluster('b', 'a')).sort()).toEqual(['a?', 'b?']));
});
