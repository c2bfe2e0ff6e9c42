import type { Cell, Strategy, StrategyContext } from '../apis/strategy.ts';
import { clusterInstant, elapsedAt, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FieldError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import type { State } from '../state/state.ts';
import { stateOf } from './state.ts';

/** What the unit tests of strategies share. */

/** Errors as a Status prints them: `spec.selector: Required value`. */
export const texts = (errors: readonly FieldError[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);

/** A copy of an object with the defaults of its kind. */
export function defaulted<T extends KubeObject>(strategy: Strategy<T>, object: T): T {
  const copy = structuredClone(object);
  strategy.defaults?.(copy);
  return copy;
}

/** What is wrong with an object once it has its defaults, of the rules that hold also for one that was changed. */
export const problems = <T extends KubeObject>(strategy: Strategy<T>, object: T): string[] => texts(strategy.validate?.(defaulted(strategy, object)));

/** What is wrong with a new object. */
export const newProblems = <T extends KubeObject>(strategy: Strategy<T>, object: T, state: State = stateOf([])): string[] => {
  const made = defaulted(strategy, object);
  return texts([...(strategy.validate?.(made) ?? []), ...(strategy.validateCreate?.(made, context(state)) ?? [])]);
};

/** What is wrong with an update, of the rules that compare it with the object before. */
export const updateProblems = <T extends KubeObject>(strategy: Strategy<T>, object: T, previous: T): string[] =>
  texts(strategy.validateUpdate?.(defaulted(strategy, object), defaulted(strategy, previous)));

/** A cell of a Table, by the name of its column. */
export function cell<T extends KubeObject>(strategy: Strategy<T>, object: T, name: string, now = 0): Cell | undefined {
  return strategy.table!.cells(object, now)[strategy.table!.columns.findIndex((column) => column.name === name)];
}

/** The context of a strategy that looks at nothing but the object. */
export const context = (state: State): StrategyContext => ({
  state,
  env: {
    clock: { now: () => realInstant(0), elapsed: () => elapsedAt(0), sleep: async () => {}, turn: async () => {} },
    random: { next: () => 0 },
    ids: { uid: () => '00000000-0000-4000-8000-000000000000', suffix: () => 'bbbbb' },
  },
  now: clusterInstant(0),
  user: userNamed('test'),
  warn: () => {},
});
