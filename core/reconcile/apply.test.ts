import { expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { controllerUser } from '../kube/user.ts';
import type { ConfigMap } from '../schema/generated/kinds.ts';
import { NOW, seededEnv } from '../testing/env.ts';
import { namespace } from '../testing/objects.ts';
import { stateOf, stored } from '../testing/state.ts';
import { apply } from './apply.ts';
import { EventRecorder } from './event-recorder.ts';
import type { Attributed } from './reconciler.ts';

const env = seededEnv();
const configMap = (finalizers: string[], data = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'default', ...(finalizers.length > 0 && { finalizers }) },
  data,
});
const applied = (
  there: ConfigMap,
  mutations: (of: typeof state) => readonly Attributed[],
  state = stateOf([namespace('default'), there].map((each) => stored(each))),
) => apply(state, mutations(state), { env, now: NOW, plugins: defaultAdmissionPlugins });
const wanted = (finalizers: string[], part: string): Attributed => ({
  type: 'update',
  resource: 'configmaps',
  object: configMap(finalizers),
  actor: controllerUser('c'),
  part,
});

it.each([
  {
    name: 'take off what each of them had there',
    there: ['a/a', 'b/b', 'c/c'],
    want: [
      ['b/b', 'c/c'],
      ['a/a', 'c/c'],
    ],
    left: ['c/c'],
  },
  { name: 'put what each of them wants there', there: [], want: [['a/a'], ['b/b']], left: ['a/a', 'b/b'] },
  { name: 'take off one and put another one there', there: ['a/a'], want: [[], ['a/a', 'b/b']], left: ['b/b'] },
  { name: 'take off the same one', there: ['a/a', 'b/b'], want: [['b/b'], ['b/b']], left: ['b/b'] },
])('Two controllers of a pass $name', ({ there, want, left }) => {
  const { state } = applied(configMap(there), () => want.map((finalizers, i) => wanted(finalizers, `part ${i}`)));
  expect(state.get('configmaps', 'default', 'c')!.metadata.finalizers).toEqual(left);
});

it('A Normal Event is not told of what was refused, and a Warning is', () => {
  const events = (part: string, state: Parameters<Parameters<typeof applied>[1]>[0]) => {
    const recorder = new EventRecorder({ state, component: 'c', now: NOW, env });
    recorder.normal(state.get('configmaps', 'default', 'c')!, 'Done', part);
    recorder.warning(state.get('configmaps', 'default', 'c')!, 'Failed', part);
    return recorder.mutations().map((mutation): Attributed => ({ ...mutation, actor: controllerUser('c'), part }));
  };
  const { state, failures } = applied(configMap([]), (state) => [
    { ...wanted(['no finalizer'], 'refused') },
    wanted([], 'accepted'),
    ...events('refused', state),
    ...events('accepted', state),
  ]);
  expect(failures).toHaveLength(1);
  expect(
    state
      .list('events')
      .map(({ reason, message }) => `${reason} ${message}`)
      .sort(),
  ).toEqual(['Done accepted', 'Failed accepted', 'Failed refused']);
});
