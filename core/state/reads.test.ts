import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { stateOf } from '../testing/state.ts';
import { assume, evolve } from './evolve.ts';
import { index } from './indexes.ts';
import { Readers } from './readers.ts';
import { type Condition, type Limit, Reads } from './reads.ts';
import type { State } from './state.ts';
import type { View } from './view.ts';

const pod = (name: string, { namespace = 'default', node, owner, n = 0 }: { namespace?: string; node?: string; owner?: string; n?: number } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `uid-${name}`, ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: owner }] }) },
  spec: { containers: [], ...(node && { nodeName: node }), priority: n },
});
const configMap = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: name } });

const state = stateOf([pod('a', { node: 'x', owner: 'o' }), pod('b'), pod('c', { namespace: 'other' })]);
const put = (key: string, object: KubeObject) => {
  const previous = state.get(...(key.split('/') as [string, string, string]));
  return evolve(state, [previous ? { type: 'MODIFIED', key, object, actor: userNamed('me') } : { type: 'ADDED', key, object, actor: userNamed('me') }], {
    time: clusterInstant(0),
  }).changes;
};
const remove = (key: string) => evolve(state, [{ type: 'DELETED', key, actor: userNamed('me') }], { time: clusterInstant(0) }).changes;

const changes = {
  'a changes': put('pods/default/a', pod('a', { node: 'x', owner: 'o', n: 1 })),
  'a moves': put('pods/default/a', pod('a', { node: 'y', owner: 'o' })),
  'a goes': remove('pods/default/a'),
  'd comes': put('pods/default/d', pod('d', { node: 'x' })),
  'c changes': put('pods/other/c', pod('c', { namespace: 'other', n: 1 })),
  'a ConfigMap comes': put('configmaps/default/m', configMap('m')),
};
type Name = keyof typeof changes;

const count: View<number> = { of: ['pods'], initial: 0, evolve: (before, { length }) => before + length };
const ofNode: Limit<'node'> = {
  of: 'node',
  takesMore: (pod, previous) => !previous || pod.spec!.priority !== previous.spec!.priority || pod.spec!.nodeName !== previous.spec!.nodeName,
};
/** That no pod comes to node y. */
const keptOff = (among: Condition['among']): Condition<'pods'> => ({
  of: 'pods',
  isBrokenBy: ({ object, previous }) => object.spec!.nodeName === 'y' && previous?.spec?.nodeName !== 'y',
  among,
});
const byN = index(['pods'], (_key, { spec }) => [String(spec!.priority)]);

describe('what was read', () => {
  const cases: { name: string; read: (state: State) => unknown; touchedBy: Name[] }[] = [
    { name: 'nothing', read: () => undefined, touchedBy: [] },
    { name: 'an object', read: (of) => of.get('pods', 'default', 'a'), touchedBy: ['a changes', 'a moves', 'a goes'] },
    { name: 'that there is none', read: (of) => of.get('pods', 'default', 'd'), touchedBy: ['d comes'] },
    { name: 'a list', read: (of) => of.list('pods'), touchedBy: ['a changes', 'a moves', 'a goes', 'd comes', 'c changes'] },
    { name: 'a list of a namespace', read: (of) => of.list('pods', 'other'), touchedBy: ['c changes'] },
    { name: 'an empty list', read: (of) => of.list('secrets'), touchedBy: [] },
    { name: 'a value of an index', read: (of) => of.by('node', 'x'), touchedBy: ['a changes', 'a moves', 'a goes', 'd comes'] },
    { name: 'a value to which something moves', read: (of) => of.keys('node', 'y'), touchedBy: ['a moves'] },
    { name: 'a value of an index of all', read: (of) => of.by('owner', 'o'), touchedBy: ['a changes', 'a moves', 'a goes'] },
    { name: 'a value of an index of its own', read: (of) => of.by(byN, '1'), touchedBy: ['a changes', 'c changes'] },
    { name: 'what is left under a value', read: (of) => of.keepWithin(ofNode, 'x'), touchedBy: ['a changes', 'd comes'] },
    { name: 'what is left under a value to which something moves', read: (of) => of.keepWithin(ofNode, 'y'), touchedBy: ['a moves'] },
    { name: 'what has to stay so', read: (of) => of.restOn(keptOff({ namespaces: 'all' })), touchedBy: ['a moves'] },
    {
      name: 'what has to stay so under a value',
      read: (of) => of.restOn(keptOff({ index: 'node', value: 'y' })),
      touchedBy: ['a moves'],
    },
    { name: 'what has to stay so in a namespace', read: (of) => of.restOn(keptOff({ namespaces: ['default'] })), touchedBy: ['a moves'] },
    { name: 'a view', read: (of) => of.view(count), touchedBy: ['a changes', 'a moves', 'a goes', 'd comes', 'c changes'] },
    { name: 'everything', read: (of) => [...of.entries()], touchedBy: Object.keys(changes) as Name[] },
    {
      name: 'what is read of a draft',
      read: (of) => assume(of, 'pods/default/b', pod('b', { n: 5 })).get('pods', 'default', 'a'),
      touchedBy: ['a changes', 'a moves', 'a goes'],
    },
  ];
  for (const { name, read, touchedBy } of cases) {
    it(`${name}: is touched by ${touchedBy.join(', ') || 'nothing'}`, () => {
      const reads = new Reads();
      read(state.observed(reads));
      expect((Object.keys(changes) as Name[]).filter((change) => reads.touchedBy(changes[change]))).toEqual(touchedBy);
      const readers = new Readers([
        ['it', reads],
        ['another', new Reads()],
      ]);
      expect((Object.keys(changes) as Name[]).filter((change) => readers.touchedBy(changes[change]).has('it'))).toEqual(touchedBy);
      expect(readers.touchedBy(Object.values(changes).flat()).has('another')).toBe(false);
    });
  }

  it('is looked up for a change as often for a thousand readers as for one', () => {
    const looks = (count: number) => {
      let times = 0;
      const counted = index(['pods'], (_key, { spec }) => {
        times++;
        return [String(spec!.priority)];
      });
      const all = Array.from({ length: count }, (_, i): [number, Reads] => [i, new Reads()]);
      for (const [i, reads] of all) reads.index(counted, String(i));
      const readers = new Readers(all);
      times = 0;
      expect(readers.touchedBy(changes['a changes'])).toEqual(new Set([0, 1].slice(0, count)));
      return times;
    };
    expect(looks(1_000)).toBe(looks(1));
  });

  it('of a limit is all that stands under its values, for a process that does not know it', () => {
    const reads = new Reads();
    state.observed(reads).keepWithin(ofNode, 'x');
    const elsewhere = Reads.of(reads.set!);
    expect((Object.keys(changes) as Name[]).filter((change) => elsewhere.touchedBy(changes[change]))).toEqual(['a changes', 'a moves', 'a goes', 'd comes']);
  });

  it.each<{ among: Condition['among']; touchedBy: Name[] }>([
    { among: { namespaces: 'all' }, touchedBy: ['a changes', 'a moves', 'a goes', 'd comes', 'c changes'] },
    { among: { namespaces: ['other'] }, touchedBy: ['c changes'] },
    { among: { index: 'node', value: 'y' }, touchedBy: ['a moves'] },
  ])('of a condition is all among which something can break it, for a process that does not know it: $among', ({ among, touchedBy }) => {
    const reads = new Reads();
    state.observed(reads).restOn(keptOff(among));
    const elsewhere = Reads.of(reads.set!);
    expect((Object.keys(changes) as Name[]).filter((change) => elsewhere.touchedBy(changes[change]))).toEqual(touchedBy);
  });

  it('is noted of the observed state alone', () => {
    const reads = new Reads();
    state.observed(reads);
    state.list('pods');
    expect(reads.touchedBy(changes['a changes'])).toBe(false);
  });
});
