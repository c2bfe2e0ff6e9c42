import { expect, it } from 'vitest';
import { keyOf } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { diff } from '../log/patch.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { evolve } from '../state/evolve.ts';
import { State } from '../state/state.ts';
import { NOW } from '../testing/env.ts';
import { pod } from '../testing/objects.ts';
import { takenOnNodes } from './taken-on-nodes.ts';

const startTime = '2026-01-02T03:04:05Z';
const on = (node: string, name: string, status: Pod['status'], cpu = '100m') =>
  pod(name, {
    nodeName: node,
    containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 8080 }], resources: { requests: { cpu } } }],
    status,
  });

const actor = userNamed('me');

function after(state: State, object: Pod | undefined, name: string): State {
  const key = keyOf('pods', 'default', name);
  const old = state.get('pods', 'default', name);
  const event = !object
    ? ({ type: 'DELETED', key, actor } as const)
    : old
      ? ({ type: 'MODIFIED', key, patch: diff(old, object)!, actor } as const)
      : ({ type: 'ADDED', key, object, actor } as const);
  return evolve(state, [event], { time: NOW }).state;
}

const taken = (state: State) =>
  [...state.view(takenOnNodes).entries()].map(([node, { pods, amounts, hostPorts, addresses }]) =>
    `${node}: ${pods} ${amounts['cpu']}m ${[...hostPorts].flat().join(' ')} ${[...addresses.keys()].sort().join(' ')}`.trim(),
  );

it('counts what pods have that were taken in, from the first look to the last', () => {
  const steps: [name: string, pod: Pod | undefined, want: string[]][] = [
    ['a', on('n', 'a', {}), []],
    ['a', on('n', 'a', { startTime }), ['n: 1 100m 8080/TCP/0.0.0.0 1']],
    ['b', on('n', 'b', { startTime, podIP: '10.244.1.3' }, '1'), ['n: 2 1100m 8080/TCP/0.0.0.0 2 10.244.1.3']],
    ['a', on('n', 'a', { startTime, podIP: '10.244.1.2' }), ['n: 2 1100m 8080/TCP/0.0.0.0 2 10.244.1.2 10.244.1.3']],
    ['c', on('m', 'c', { startTime }), ['m: 1 100m 8080/TCP/0.0.0.0 1', 'n: 2 1100m 8080/TCP/0.0.0.0 2 10.244.1.2 10.244.1.3']],
    [
      'b',
      on('n', 'b', { startTime, podIP: '10.244.1.3', phase: 'Succeeded' }, '1'),
      ['m: 1 100m 8080/TCP/0.0.0.0 1', 'n: 1 100m 8080/TCP/0.0.0.0 1 10.244.1.2'],
    ],
    ['a', undefined, ['m: 1 100m 8080/TCP/0.0.0.0 1']],
    ['b', undefined, ['m: 1 100m 8080/TCP/0.0.0.0 1']],
  ];
  let kept = State.empty;
  for (const [name, object, want] of steps) {
    kept = after(kept, object, name);
    expect(taken(kept)).toEqual(want);
  }
  // Derived from what is there, at once and in one batch.
  let unseen = State.empty;
  for (const [name, object] of steps.slice(0, 5)) unseen = after(unseen, object, name);
  expect(taken(unseen)).toEqual(steps[4]![2]);
});
