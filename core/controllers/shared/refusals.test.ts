import { expect, it } from 'vitest';
import { creation } from '../../apis/mutation.ts';
import { plus } from '../../instant.ts';
import { forbidden } from '../../kube/status.ts';
import { controllerUser } from '../../kube/user.ts';
import type { Attributed } from '../../reconcile/reconciler.ts';
import { START } from '../../testing/env.ts';
import { pod, replicaSet } from '../../testing/objects.ts';
import { Refusals } from './refusals.ts';

const KEY = 'replicasets.apps/default/web';
const { status } = forbidden({ group: '', resource: 'pods' }, 'web-1', 'no');
const mutation: Attributed = { ...creation('pods', pod('web-1')), actor: controllerUser('replicaset-controller') };
const owner = replicaSet();
const refusedIn = (cluster: string) => {
  const refusals = new Refusals(() => KEY);
  expect(refusals.learn({ cluster, failures: [{ mutation, status }], now: START })).toEqual([KEY]);
  return refusals;
};

it('Who is refused a pod is told once, and wants none for a while', () => {
  const refusals = refusedIn('a');
  expect(refusals.of(KEY, owner, { cluster: 'a', now: START })).toEqual({ status, isNew: true });
  const later = plus(START, 30_000);
  expect(refusals.learn({ cluster: 'a', failures: [], now: later })).toEqual([]);
  expect(refusals.of(KEY, owner, { cluster: 'a', now: later })).toEqual({ status, isNew: false });
  expect(refusals.of(KEY, owner, { cluster: 'a', now: plus(START, 60_000) })).toBeUndefined();
});

it('One of the same name in another cluster is neither told nor held', () => {
  expect(refusedIn('a').of(KEY, owner, { cluster: 'b', now: START })).toBeUndefined();
});
