import { describe, expect, it } from 'vitest';
import type { LogEntry, LogEvent } from '../log/log.ts';
import { diff } from '../log/patch.ts';
import { clone, type KubeObject } from '../object.ts';
import { Overlay } from './overlay.ts';
import { Projection } from './projection.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import type { State } from './state.ts';

const pod = (name: string, fields: { namespace?: string; node?: string; owner?: string; n?: number } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: fields.namespace ?? 'default',
    uid: `uid-${name}`,
    ...(fields.owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: fields.owner }] }),
  },
  spec: { ...(fields.node && { nodeName: fields.node }), n: fields.n ?? 0 },
});

const keyOfPod = (object: KubeObject) => `pods/${object.metadata.namespace}/${object.metadata.name}`;
const added = (object: KubeObject): LogEvent => ({ type: 'ADDED', key: keyOfPod(object), object, actor: 'me' });
const modified = (before: KubeObject, after: KubeObject): LogEvent => ({ type: 'MODIFIED', key: keyOfPod(after), patch: diff(before, after)!, actor: 'me' });
const deleted = (object: KubeObject): LogEvent => ({ type: 'DELETED', key: keyOfPod(object), actor: 'me' });
const entry = (offset: number, ...events: LogEvent[]): LogEntry => ({ offset, events, writer: 'w', time: offset * 1000 });

/** What can be read of a state, as plain values. */
const seen = (state: State) => ({
  offset: state.offset,
  pods: state.list('pods').map(({ metadata, spec }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion} n=${spec.n}`),
  onA: [...state.keys('node', 'a')].sort(),
});

describe('a projection', () => {
  it('folds entries; an object has the offset of its last event', () => {
    const p = new Projection({ freeze: true });
    const one = pod('one');
    p.apply(entry(1, added(one), added(pod('two', { node: 'a' }))));
    p.apply(entry(3, modified(one, pod('one', { node: 'a', n: 1 }))));
    expect(seen(p)).toEqual({ offset: 3, pods: ['default/one@3 n=1', 'default/two@2 n=0'], onA: ['pods/default/one', 'pods/default/two'] });
    p.apply(entry(4, deleted(pod('two'))));
    expect(seen(p)).toEqual({ offset: 4, pods: ['default/one@3 n=1'], onA: ['pods/default/one'] });
  });

  it('lists in the order of etcd keys, and one namespace exactly', () => {
    const p = new Projection();
    const names = [
      ['b', 'x'],
      ['a-b', 'x'],
      ['a', 'z'],
      ['a', 'y-1'],
      ['a', 'y'],
    ] as const;
    p.apply(entry(1, ...names.map(([namespace, name]) => added(pod(name, { namespace })))));
    const paths = (namespace?: string) => p.list('pods', namespace).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(paths()).toEqual(['a-b/x', 'a/y', 'a/y-1', 'a/z', 'b/x']);
    expect(paths('a')).toEqual(['a/y', 'a/y-1', 'a/z']);
    p.apply(entry(6, deleted(pod('y', { namespace: 'a' })), added(pod('y', { namespace: 'a' }))));
    expect(paths('a')).toEqual(['a/y', 'a/y-1', 'a/z']);
  });

  it('passes over what it knows, takes the rest of an entry, and refuses a gap', () => {
    const p = new Projection();
    const whole = entry(1, added(pod('one')), added(pod('two')));
    p.apply({ ...whole, events: whole.events.slice(0, 1) });
    expect(p.apply(whole).map(({ offset }) => offset)).toEqual([2]);
    expect(p.apply(whole)).toEqual([]);
    expect(() => p.apply(entry(4, added(pod('three'))))).toThrow('does not follow');
  });

  it('refuses a log that contradicts itself', () => {
    const p = new Projection();
    p.apply(entry(1, added(pod('one'))));
    expect(() => p.apply(entry(2, added(pod('one'))))).toThrow('exists already');
    expect(() => new Projection().apply(entry(1, deleted(pod('none'))))).toThrow('does not exist');
  });

  it('answers at any earlier offset as it answered then', () => {
    const p = new Projection();
    const then: ReturnType<typeof seen>[] = [seen(p)];
    let one = pod('one');
    const steps: LogEvent[] = [added(one), added(pod('two', { node: 'a' }))];
    for (let n = 1; n < 4; n++) {
      const next = pod('one', { n, ...(n % 2 && { node: 'a' }) });
      steps.push(modified(one, next));
      one = next;
    }
    steps.push(deleted(one), added(pod('one', { n: 9 })));
    for (const [i, event] of steps.entries()) {
      p.apply(entry(i + 1, event));
      then.push(seen(p));
    }
    for (const [offset, want] of then.entries()) expect(seen(p.at(offset)!)).toEqual(want);
  });

  it('forgets old changes, and then says so', () => {
    const p = new Projection({ historyLimit: 5 });
    for (let i = 1; i <= 30; i++) p.apply(entry(i, added(pod(`p${i}`))));
    expect(p.changesAfter(28)!.map(({ offset }) => offset)).toEqual([29, 30]);
    expect(p.changesAfter(2)).toBeUndefined();
    expect(p.at(2)).toBeUndefined();
  });

  it('is the same after a snapshot', async () => {
    const p = new Projection();
    p.apply(entry(1, ...Array.from({ length: 500 }, (_, i) => added(pod(`p${i}`, { node: i % 2 ? 'a' : 'b', owner: 'o' })))));
    const turn = async () => undefined;
    const restored = await restoreSnapshot(await takeSnapshot(p, turn), { turn });
    expect(seen(restored)).toEqual(seen(p));
    expect(restored.time).toBe(p.time);
    expect(restored.by('owner', 'o').length).toBe(500);
    expect(restored.apply(entry(501, deleted(pod('p1')))).length).toBe(1);
  });
});

describe('an overlay', () => {
  const base = () => {
    const p = new Projection({ freeze: true });
    p.apply(entry(1, added(pod('a', { node: 'a' })), added(pod('c', { owner: 'o' }))));
    return p;
  };

  it('reads as the projection will once its events are appended, and leaves the base alone', () => {
    const p = base();
    const before = seen(p);
    const events = [added(pod('b', { node: 'a', owner: 'o' })), deleted(pod('c')), modified(p.get('pods', 'default', 'a')!, pod('a', { n: 5 }))];
    const draft = new Overlay(p);
    draft.apply(events, 0);
    expect(seen(p)).toEqual(before);
    const ahead = { ...seen(draft), owned: draft.keys('owner', 'o'), ns: draft.list('pods', 'default').length, none: draft.list('pods', 'other') };
    p.apply(entry(3, ...clone(events)));
    expect(ahead).toEqual({ ...seen(p), owned: p.keys('owner', 'o'), ns: p.list('pods', 'default').length, none: [] });
  });

  it('can lie on another', () => {
    const p = base();
    const lower = new Overlay(p);
    lower.apply([added(pod('b', { node: 'a' }))], 0);
    const upper = new Overlay(lower);
    upper.apply([deleted(pod('a'))], 0);
    expect(seen(upper)).toEqual({ offset: 4, pods: ['default/b@3 n=0', 'default/c@2 n=0'], onA: ['pods/default/b'] });
    expect(seen(lower).pods).toHaveLength(3);
  });
});
