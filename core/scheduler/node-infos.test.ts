import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { type Key, keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { assume, evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { seededEnv } from '../testing/env.ts';
import { node, pod } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import { type NodeInfos, nodeInfos, positionOf } from './node-infos.ts';

const keyOfEither = ({ kind, metadata }: Node | Pod): Key => keyOf(kind === 'Node' ? 'nodes' : 'pods', metadata.namespace, metadata.name);

const put = (state: State, object: Node | Pod): State => assume(state, keyOfEither(object), object);

/** What it says of the nodes, as plain values: the order in which ports were taken is of no matter. */
const seen = ({ all, absent }: NodeInfos) => ({
  nodes: all.map((info) => ({ name: info.name, labels: info.node.metadata.labels, allocatable: info.allocatable, ...sums(info) })),
  absent: [...absent].map(([name, bound]) => ({ name, ...sums({ bound }) })).sort((a, b) => (a.name < b.name ? -1 : 1)),
});

const sums = ({ bound: { count, requested, scored, hostPorts, lowestPriority } }: Pick<NodeInfos['all'][number], 'bound'>) => ({
  count,
  // What is not asked for any more and what never was are the same.
  requested: Object.fromEntries(Object.entries(requested).filter(([, amount]) => amount !== 0)),
  scored,
  hostPorts: hostPorts.map(({ protocol, ip, port }) => `${protocol} ${ip}:${port}`).sort(),
  lowestPriority,
});

const afresh = (state: State): NodeInfos => stateOf([...state.list('nodes'), ...state.list('pods')]).view(nodeInfos);

describe('NodeInfos', () => {
  it('after any events are what they are from the beginning', () => {
    const { random } = seededEnv({ seed: 7 });
    const any = (n: number) => Math.floor(random.next() * n);
    const anyNode = () => node(`n${any(8)}`, { allocatable: { cpu: `${1 + any(4)}` }, labels: { x: `${any(3)}` } });
    const anyPod = () =>
      pod(`p${any(40)}`, {
        ...(any(5) > 0 && { nodeName: `n${any(8)}` }),
        phase: ['Pending', 'Running', 'Running', 'Succeeded', 'Failed'][any(5)]!,
        priority: any(3) - 1,
        containers: [
          {
            name: 'c',
            resources: { requests: any(3) > 0 ? { cpu: `${any(900)}m`, memory: any(9) > 0 ? `${any(900)}Mi` : `${any(900)}Pi` } : {} },
            ...(any(3) === 0 && { ports: [{ containerPort: 80, hostPort: 80 + any(3) }] }),
          },
        ],
      });
    const present = new Set<Key>();
    const anyEvent = (): LogEvent => {
      const object = any(4) === 0 ? anyNode() : anyPod();
      const key = keyOfEither(object);
      if (!present.has(key)) {
        present.add(key);
        return { type: 'ADDED', key, object, actor: userNamed('me') };
      }
      if (any(3) > 0) return { type: 'MODIFIED', key, object, actor: userNamed('me') };
      present.delete(key);
      return { type: 'DELETED', key, actor: userNamed('me') };
    };
    let state = stateOf([]);
    for (let entry = 0; entry < 1_000; entry++) {
      state = evolve(state, Array.from({ length: 1 + any(5) }, anyEvent), { time: clusterInstant(0) }).state;
      // Not after each, so that it is told of several entries at once, too.
      if (any(3) === 0) expect(seen(state.view(nodeInfos)), `entry ${entry}`).toEqual(seen(afresh(state)));
    }
    expect(state.view(nodeInfos).all.length).toBeGreaterThan(0);
  });

  const nodes = Array.from({ length: 50 }, (_, i) => node(`n${i}`));
  const full = stateOf([...nodes, ...nodes.map(({ metadata: { name } }) => pod(`on-${name}`, { nodeName: name, requests: { cpu: '1' } }))]);
  // Read before anything comes after it, so that what does is told of changes alone.
  const before = new Set(full.view(nodeInfos).all);
  const changedIn = (after: State): string[] => after.view(nodeInfos).all.flatMap((info) => (before.has(info) ? [] : [info.name]));
  const bound = full.get('pods', 'default', 'on-n7')!;

  it.each([
    { name: 'a pod that is bound makes its node anew', after: put(full, pod('p', { nodeName: 'n7' })), want: ['n7'] },
    { name: 'a pod that waits makes none', after: put(full, pod('p')), want: [] },
    { name: 'a pod that reports makes none', after: put(full, { ...bound, status: { phase: 'Running' } }), want: [] },
    { name: 'a pod that ends makes its node anew', after: put(full, { ...bound, status: { phase: 'Failed' } }), want: ['n7'] },
    { name: 'a pod that goes makes its node anew', after: assume(full, 'pods/default/on-n7', undefined), want: ['n7'] },
    { name: 'a node that changes is made anew', after: put(full, node('n8', { labels: { x: 'y' } })), want: ['n8'] },
    { name: 'a node that comes is the only new one', after: put(full, node('n70')), want: ['n70'] },
    { name: 'a node that goes leaves the others', after: assume(full, 'nodes//n9', undefined), want: [] },
  ])('$name', ({ after, want }) => expect(changedIn(after)).toEqual(want));

  it('of a state stay as they are, whatever comes after it', () => {
    const earlier = structuredClone(seen(full.view(nodeInfos)));
    put(assume(put(full, pod('p', { nodeName: 'n1', priority: -5 })), 'nodes//n2', undefined), node('n3', { allocatable: { cpu: '9' } })).view(nodeInfos);
    expect(seen(full.view(nodeInfos))).toEqual(earlier);
  });

  it('know what is on a node that comes after its pods, or again', () => {
    const early = put(stateOf([pod('p', { nodeName: 'late', requests: { cpu: '2' } })]), node('late'));
    expect(early.view(nodeInfos).all[0]!.bound.requested).toEqual({ cpu: 2_000 });
    const gone = assume(full, 'nodes//n7', undefined);
    expect(positionOf('n7', gone.view(nodeInfos).all)).toBe(-1);
    const again = put(gone, node('n7')).view(nodeInfos);
    expect(again.all[positionOf('n7', again.all)]!.bound.requested).toEqual({ cpu: 1_000 });
    expect(again.absent.size).toBe(0);
  });

  it('stand in the order in which nodes are listed', () => {
    const state = put(put(put(full, node('n7a')), node('a')), node('n10-b'));
    expect(state.view(nodeInfos).all.map(({ name }) => name)).toEqual(state.list('nodes').map(({ metadata }) => metadata.name));
    expect(state.view(nodeInfos).all.map(({ name }, i, all) => positionOf(name, all) === i)).toEqual(state.list('nodes').map(() => true));
  });
});
