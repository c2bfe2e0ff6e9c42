import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { diff } from '../log/patch.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { throughSnapshot } from '../testing/state.ts';
import { assume, evolve, withChanges } from './evolve.ts';
import { index } from './indexes.ts';
import { State } from './state.ts';
import type { View } from './view.ts';

const pod = (name: string, fields: { namespace?: string; node?: string; owner?: string; n?: number } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: fields.namespace ?? 'default',
    uid: `uid-${name}`,
    ...(fields.owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: fields.owner }] }),
  },
  spec: { containers: [], ...(fields.node && { nodeName: fields.node }), priority: fields.n ?? 0 },
});

const keyOfPod = (object: KubeObject) => `pods/${object.metadata.namespace}/${object.metadata.name}`;
const added = (object: KubeObject): LogEvent => ({ type: 'ADDED', key: keyOfPod(object), object, actor: userNamed('me') });
const modified = (before: KubeObject, after: KubeObject): LogEvent => ({
  type: 'MODIFIED',
  key: keyOfPod(after),
  patch: diff(before, after)!,
  actor: userNamed('me'),
});
const deleted = (object: KubeObject): LogEvent => ({ type: 'DELETED', key: keyOfPod(object), actor: userNamed('me') });
const evolved = (state: State, ...events: LogEvent[]): State => evolve(state, events, { time: clusterInstant(0) }).state;

/** What can be read of a state, as plain values. */
const seen = (state: State) => ({
  offset: state.offset,
  pods: state.list('pods').map(({ metadata, spec }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion} n=${spec!.priority}`),
  onA: state.keys('node', 'a'),
});

describe('a state', () => {
  it('evolves by events; an object has the offset of its last event', () => {
    const one = pod('one');
    const first = evolved(State.empty, added(one), added(pod('two', { node: 'a' })));
    const second = evolved(first, modified(one, pod('one', { node: 'a', n: 1 })));
    const third = evolved(second, deleted(pod('two')));
    expect(seen(first)).toEqual({ offset: 2, pods: ['default/one@1 n=0', 'default/two@2 n=0'], onA: ['pods/default/two'] });
    expect(seen(second)).toEqual({ offset: 3, pods: ['default/one@3 n=1', 'default/two@2 n=0'], onA: ['pods/default/one', 'pods/default/two'] });
    expect(seen(third)).toEqual({ offset: 4, pods: ['default/one@3 n=1'], onA: ['pods/default/one'] });
  });

  it('lists in the order of etcd keys, and one namespace exactly', () => {
    const names = [
      ['b', 'x'],
      ['a-b', 'x'],
      ['a', 'z'],
      ['a', 'y-1'],
      ['a', 'y'],
    ] as const;
    const state = evolved(State.empty, ...names.map(([namespace, name]) => added(pod(name, { namespace }))));
    const paths = (of: State, namespace?: string) => of.list('pods', namespace).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(paths(state)).toEqual(['a-b/x', 'a/y', 'a/y-1', 'a/z', 'b/x']);
    expect(paths(state, 'a')).toEqual(['a/y', 'a/y-1', 'a/z']);
    const again = evolved(state, deleted(pod('y', { namespace: 'a' })), added(pod('y', { namespace: 'a' })));
    expect(paths(again, 'a')).toEqual(['a/y', 'a/y-1', 'a/z']);
  });

  it('tells what each event changed, and evolves the same from that', () => {
    const one = pod('one');
    const { state, changes } = evolve(State.empty, [added(one), modified(one, pod('one', { n: 1 })), deleted(one), added(one)], { time: clusterInstant(7) });
    expect(
      changes.map(({ offset, type, previous, object, time }) => [
        offset,
        type,
        (previous as Pod | undefined)?.spec?.priority,
        (object as Pod).spec!.priority,
        time,
      ]),
    ).toEqual([
      [1, 'ADDED', undefined, 0, 7],
      [2, 'MODIFIED', 0, 1, 7],
      [3, 'DELETED', 1, 1, 7],
      [4, 'ADDED', undefined, 0, 7],
    ]);
    expect(seen(withChanges(State.empty, changes))).toEqual(seen(state));
    expect(seen(withChanges(State.empty, changes.slice(0, 3))).pods).toEqual([]);
  });

  it('refuses a log that contradicts itself', () => {
    const state = evolved(State.empty, added(pod('one')));
    expect(() => evolved(state, added(pod('one')))).toThrow('exists already');
    expect(() => evolved(State.empty, deleted(pod('none')))).toThrow('does not exist');
  });

  it('never lets time go back', () => {
    const late = evolve(State.empty, [added(pod('one'))], { time: clusterInstant(2_000) }).state;
    expect(evolve(late, [deleted(pod('one'))], { time: clusterInstant(1_000) }).state.time).toBe(2_000);
  });

  it('can be assumed to be another, with its indexes, and stays as it is', () => {
    const state = evolved(State.empty, added(pod('one', { node: 'a' })));
    expect(seen(assume(state, 'pods/default/two', pod('two', { node: 'a' }))).onA).toEqual(['pods/default/one', 'pods/default/two']);
    expect(seen(assume(state, 'pods/default/one', undefined))).toMatchObject({ pods: [], onA: [] });
    expect(assume(state, 'pods/default/none', undefined)).toBe(state);
    expect(seen(state)).toEqual({ offset: 1, pods: ['default/one@1 n=0'], onA: ['pods/default/one'] });
  });

  it('is the same after a snapshot', async () => {
    const state = evolve(
      State.empty,
      Array.from({ length: 500 }, (_, i) => added(pod(`p${i}`, { node: i % 2 ? 'a' : 'b', owner: 'o' }))),
      { time: clusterInstant(500_000), aheadMinutes: 3 },
    ).state;
    const restored = await throughSnapshot(state);
    expect(seen(restored)).toEqual(seen(state));
    expect([restored.time, restored.aheadMinutes]).toEqual([500_000, 3]);
    expect(restored.by('owner', 'o').length).toBe(500);
    expect(evolved(restored, deleted(pod('p1'))).size).toBe(499);
  });
});

describe('a view', () => {
  /** Counts pods, and how many changes it was told of. */
  const counting = () => {
    let told = 0;
    const view: View<number> = {
      of: ['pods'],
      initial: 0,
      evolve: (count, changes) => {
        told += changes.length;
        return changes.reduce((n, { type }) => (type === 'ADDED' ? n + 1 : type === 'DELETED' ? n - 1 : n), count);
      },
    };
    return { view, told: () => told };
  };

  it('is derived from all objects once, and from then on told of changes alone', () => {
    const { view, told } = counting();
    let state = evolved(State.empty, added(pod('a')), added(pod('b')));
    expect(state.view(view)).toBe(2);
    expect(told()).toBe(2);
    for (let i = 0; i < 5; i++) state = evolved(state, added(pod(`c${i}`)));
    expect(state.view(view)).toBe(7);
    expect(told()).toBe(7);
    expect(state.view(view)).toBe(7);
    expect(told()).toBe(7);
  });

  it('is right on every state, however many have followed that, and told of each change once', () => {
    const { view, told } = counting();
    let state = evolved(State.empty, added(pod('first')));
    state.view(view);
    const held: { state: State; pods: number }[] = [];
    for (let i = 1; i <= 1_200; i++) {
      state = evolved(state, added(pod(`p${i}`)));
      // Asked for now and then, as what a controller reads is.
      if (i % 400 === 0) expect(state.view(view)).toBe(i + 1);
      if (i % 70 === 0) held.push({ state, pods: i + 1 });
    }
    expect(told()).toBe(1 + 1_200);
    for (const { state, pods } of held) {
      expect(state.view(view)).toBe(pods);
      expect(state.list('pods').length).toBe(pods);
      expect(state.size).toBe(pods);
    }
    const past = evolved(held[3]!.state, deleted(pod('first')));
    expect([past.view(view), held[3]!.state.view(view), state.view(view)]).toEqual([held[3]!.pods - 1, held[3]!.pods, 1_201]);
  });

  it('is not told of what does not concern it', () => {
    const { view, told } = counting();
    const state = evolved(State.empty, added(pod('a')));
    state.view(view);
    const configMap: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'default' } };
    expect(evolved(state, { type: 'ADDED', key: 'configmaps/default/m', object: configMap, actor: userNamed('me') }).view(view)).toBe(1);
    expect(told()).toBe(1);
  });

  it('that is read on drafts of one state folds what led to that state once', () => {
    const { view, told } = counting();
    const base = evolved(State.empty, added(pod('a')));
    base.view(view);
    const newer = evolved(base, added(pod('b')), added(pod('c')));
    for (const name of ['d', 'e', 'f']) expect(evolved(newer, added(pod(name))).view(view)).toBe(4);
    expect(told()).toBe(1 + 2 + 3);
  });

  it('that is not read holds on to no more changes than it would take to begin anew', () => {
    const { view, told } = counting();
    let state = evolved(State.empty, added(pod('a')));
    state.view(view);
    for (let i = 0; i < 3_000; i++) state = evolved(state, i % 2 ? added(pod('x')) : i === 0 ? added(pod('y')) : deleted(pod('x')));
    expect(state.view(view)).toBe(state.size);
    expect(told()).toBeLessThanOrEqual(1 + 1_000 + state.size);
  });
});

describe('an index', () => {
  it('keeps values apart, whatever is in them', () => {
    const byOwner = index('all', (_key, { metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid));
    const owners = ['a', 'a/b', 'a/', '', '1:a', '\uffff', 'a\u0000', '__proto__'];
    const state = evolved(State.empty, ...owners.map((owner, i) => added(pod(`p${i}`, { owner: owner || 'none' }))));
    for (const [i, owner] of owners.entries()) expect(state.keys(byOwner, owner || 'none'), JSON.stringify(owner)).toEqual([`pods/default/p${i}`]);
  });
});
