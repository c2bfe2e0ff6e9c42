import type { Tariff } from './call-cost.ts';
import type { FunctionDeclaration, Implementation, Overload } from './library.ts';
import type { Evaluate } from './run.ts';
import { isOfType } from './runtime-type.ts';
import { Failure, type Result, typeOf, type Value } from './value.ts';

/** A call, which costs what its tariff says. Errors among the arguments are its result, but where the function is there to take them. */
export function call(args: readonly Evaluate[], implementation: Implementation, tariff: Tariff, nonStrict = false): Evaluate {
  const cost = typeof tariff === 'number' ? undefined : tariff;
  const fixed = typeof tariff === 'number' ? tariff : 0;
  if (args.length === 1) {
    const [argument] = args as [Evaluate];
    return (run) => {
      const a = argument(run);
      const result = a instanceof Failure && !nonStrict ? a : implementation(a);
      run.spend(cost ? cost([a], result) : fixed);
      return result;
    };
  }
  if (args.length === 2) {
    const [left, right] = args as [Evaluate, Evaluate];
    return (run) => {
      const a = left(run);
      const b = right(run);
      const result = a instanceof Failure ? a : b instanceof Failure ? b : implementation(a, b);
      run.spend(cost ? cost([a, b], result) : fixed);
      return result;
    };
  }
  return (run) => {
    const values: Value[] = [];
    for (const argument of args) {
      const value = argument(run);
      // A call that is not made costs nothing.
      if (value instanceof Failure) return value;
      values.push(value);
    }
    const result = implementation(...values);
    run.spend(cost ? cost(values, result) : fixed);
    return result;
  };
}

/** What carries out a function: one for all of its overloads, or the first overload whose parameters the arguments are of. */
export function implementationOf({ name, overloads, call }: FunctionDeclaration, only: Overload | undefined): Implementation {
  if (call) return call;
  const candidates = only ? [only] : overloads;
  return (...args: Result[]) => {
    for (const { parameters, call: implementation, nonStrict } of candidates) {
      if (implementation && fits(parameters, args, nonStrict)) return implementation(...args);
    }
    return new Failure(`no such overload: ${name}(${args.map((arg) => (arg instanceof Failure ? 'error' : typeOf(arg).name)).join(', ')})`);
  };
}

function fits(parameters: Overload['parameters'], args: readonly Result[], nonStrict: true | undefined): boolean {
  if (parameters.length !== args.length) return false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg instanceof Failure ? !nonStrict : !isOfType(parameters[i]!, arg)) return false;
  }
  return true;
}
