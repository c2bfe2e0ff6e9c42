import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { plus } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { NOW, seededEnv } from '../testing/env.ts';
import { pod, replicaSet } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import type { Controller } from './controller.ts';
import { controllers, controllersReconciler } from './registry.ts';

const env = seededEnv();
const web = replicaSet();
const other = replicaSet({}, { metadata: { name: 'other', uid: 'uid-other' } });

/** Controllers of ReplicaSets that write down what they are asked, and ask to be woken. */
function spies(...names: string[]) {
  const asked: string[] = [];
  const list = names.map(
    (name): Controller => ({
      name,
      resource: 'replicasets.apps',
      watches: {
        pods: ({ object, previous }) =>
          [previous, object].flatMap((pod) => pod?.metadata.ownerReferences?.map((ref) => `replicasets.apps/default/${ref.name}`) ?? []),
      },
      reconcile({ key, object }) {
        asked.push(`${name} ${key}${object ? '' : ' (gone)'}`);
        return { mutations: [{ type: 'delete', resource: 'pods', namespace: 'default', name }], enqueueAt: plus(NOW, asked.length * 1000) };
      },
    }),
  );
  return { asked, reconciler: controllersReconciler(list) };
}

let offset = 100;
const change = (key: string, object: KubeObject, previous?: KubeObject): Change => ({
  offset: ++offset,
  type: previous ? 'MODIFIED' : 'ADDED',
  key,
  object,
  ...(previous && { previous }),
  actor: userNamed('test'),
  time: NOW,
});

const pass = (state: State, changes: readonly Change[] | undefined, due: readonly string[] = []) => ({
  state,
  changes,
  due,
  failures: [],
  waiting: new Set<never>(),
  plugins: defaultAdmissionPlugins,
  now: NOW,
  env,
});

describe('the controllers', () => {
  it('look at every primary when nothing is known', () => {
    const { asked, reconciler } = spies('a', 'b');
    reconciler.reconcile(pass(stateOf([web, other, pod('p')]), undefined));
    expect(asked).toEqual([
      'a replicasets.apps/default/other',
      'a replicasets.apps/default/web',
      'b replicasets.apps/default/other',
      'b replicasets.apps/default/web',
    ]);
  });

  it('look once at each primary that changes concern, however many they are', () => {
    const { asked, reconciler } = spies('a');
    const changes = Array.from({ length: 50 }, (_, i) => change(`pods/default/p${i}`, pod(`p${i}`, { owner: web })));
    reconciler.reconcile(pass(stateOf([web, other]), [...changes, change('replicasets.apps/default/web', web, web)]));
    expect(asked).toEqual(['a replicasets.apps/default/web']);
  });

  it('see where an object was before all its changes', () => {
    const { asked, reconciler } = spies('a');
    const [before, between, after] = [pod('p', { owner: other }), pod('p'), pod('p', { owner: web })];
    reconciler.reconcile(pass(stateOf([web, other]), [change('pods/default/p', between, before), change('pods/default/p', after, between)]));
    expect(asked.sort()).toEqual(['a replicasets.apps/default/other', 'a replicasets.apps/default/web']);
  });

  it('are told of a primary that is gone', () => {
    const { asked, reconciler } = spies('a');
    reconciler.reconcile(pass(stateOf([]), [{ ...change('replicasets.apps/default/web', web), type: 'DELETED' }]));
    expect(asked).toEqual(['a replicasets.apps/default/web (gone)']);
  });

  it('act in their own name, for the state of the primary', () => {
    const { reconciler } = spies('a');
    const { mutations } = reconciler.reconcile(pass(stateOf([web]), undefined));
    expect(mutations).toEqual([
      {
        type: 'delete',
        resource: 'pods',
        namespace: 'default',
        name: 'a',
        actor: userNamed('system:serviceaccount:kube-system:a'),
        cause: 1,
        part: 'a replicasets.apps/default/web',
      },
    ]);
  });

  it('are woken each for itself', () => {
    const { asked, reconciler } = spies('a', 'b');
    const state = stateOf([web]);
    const { wakeups } = reconciler.reconcile(pass(state, undefined));
    expect([...wakeups.values()]).toEqual([NOW + 1000, NOW + 2000]);
    const [, second] = [...wakeups.keys()];
    reconciler.reconcile(pass(state, [], [second!]));
    expect(asked.slice(2)).toEqual(['b replicasets.apps/default/web']);
  });

  it('try again what was refused: at once when something changed, else in a minute', () => {
    const { asked, reconciler } = spies('a');
    const state = stateOf([web]);
    const [mutation] = reconciler.reconcile(pass(state, undefined)).mutations;
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 403 } as const;
    const quiet = reconciler.reconcile({ ...pass(state, []), failures: [{ mutation: mutation!, status }] });
    expect(asked).toHaveLength(1);
    expect([...quiet.wakeups]).toEqual([['a replicasets.apps/default/web', NOW + 60_000]]);
    reconciler.reconcile({ ...pass(state, [change('nodes//n', web)]), failures: [{ mutation: mutation!, status }] });
    expect(asked).toHaveLength(2);
  });

  it('have names of their own', () => {
    expect(new Set(controllers.map(({ name, resource }) => `${name} ${resource}`)).size).toBe(controllers.length);
  });
});
