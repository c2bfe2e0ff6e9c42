import { goTypeOf } from './go-type.ts';
import { Growing } from './growing-list.ts';
import type { Evaluate, UNSET } from './run.ts';
import { Entries, Failure, ListValue, MapValue, type Result, type Value } from './value.ts';

/** The parts of a macro that goes over a list or a map, as steps. */
export interface Loop {
  /** Of the accumulator; the variables' slots are the next. */
  readonly slot: number;
  readonly over: Evaluate;
  readonly initial: Value | typeof UNSET;
  /** Absent: it goes on to the end. */
  readonly condition?: Evaluate;
  readonly step: Evaluate;
  /** It has two variables: an index or key, and a value. */
  readonly pairs: boolean;
  readonly result: Evaluate;
}

/** Goes over all elements, or keys (evalFold of cel-go's interpreter/interpretable.go). */
export function loop({ slot, over, initial, condition, step, pairs, result }: Loop): Evaluate {
  return (run) => {
    const range = over(run);
    if (range instanceof Failure) return range;
    const { locals } = run;
    locals[slot] = growing(initial);
    if (range instanceof ListValue) {
      const { size } = range;
      for (let i = 0; i < size; i++) {
        if (pairs) locals[slot + 1] = BigInt(i);
        locals[pairs ? slot + 2 : slot + 1] = range.at(i);
        if (condition && ends(condition(run))) break;
        locals[slot] = step(run);
      }
    } else if (range instanceof MapValue) {
      for (const key of range.keys()) {
        locals[slot + 1] = key;
        if (pairs) locals[slot + 2] = range.find(key)!;
        if (condition && ends(condition(run))) break;
        locals[slot] = step(run);
      }
    } else {
      return new Failure(pairs ? `unsupported comprehension range type: ${goTypeOf(range)}` : `got '${goTypeOf(range)}', expected iterable type`);
    }
    const out = result(run);
    return out instanceof Growing ? out.grown() : out;
  };
}

/** A list or map that starts empty grows in place: nothing else has it. */
function growing(initial: Loop['initial']): Loop['initial'] {
  if (initial instanceof ListValue && initial.size === 0) return new Growing();
  return initial instanceof MapValue && initial.size === 0 ? new Entries() : initial;
}

/** An error does not end it. */
const ends = (condition: Result) => condition === false;
