import type { Tariff } from './call-cost.ts';
import type { FunctionDeclaration, Implementation, Overload } from './library.ts';
import type { Evaluate } from './run.ts';
import { isOfType } from './runtime-type.ts';
import { Failure, type Result, typeOf } from './value.ts';

/** How a function is called. */
export interface Calling {
  readonly implementation: Implementation;
  readonly tariff: Tariff;
  /** What a call does beyond what it costs (library.ts). */
  readonly work?: ((args: readonly Result[]) => number) | undefined;
  /** It takes errors too. */
  readonly nonStrict: boolean;
  /** Its arguments are evaluated only up to the first error, also when there are no more than two of them. */
  readonly inOrder: boolean;
}

/** A call, which costs what its tariff says. Errors among the arguments are its result, but where the function is there to take them. */
export function call(args: readonly Evaluate[], calling: Calling): Evaluate {
  if (args.length === 1) return unary(args[0]!, calling);
  if (args.length === 2 && !calling.inOrder) return binary(args[0]!, args[1]!, calling);
  return ordered(args, calling);
}

function unary(argument: Evaluate, { implementation, tariff, nonStrict }: Calling): Evaluate {
  return (run) => {
    const a = argument(run);
    const result = a instanceof Failure && !nonStrict ? a : implementation(a);
    run.spend(typeof tariff === 'number' ? tariff : tariff([a], result));
    return result;
  };
}

function binary(left: Evaluate, right: Evaluate, { implementation, tariff, work }: Calling): Evaluate {
  return (run) => {
    const a = left(run);
    const b = right(run);
    if (work) run.work(work([a, b]));
    const result = a instanceof Failure ? a : b instanceof Failure ? b : implementation(a, b);
    run.spend(typeof tariff === 'number' ? tariff : tariff([a, b], result));
    return result;
  };
}

/** What fails before all arguments are there costs nothing. */
function ordered(args: readonly Evaluate[], { implementation, tariff, work }: Calling): Evaluate {
  return (run) => {
    const values: Result[] = [];
    for (const argument of args) {
      const value = argument(run);
      values.push(value);
      if (value instanceof Failure) break;
    }
    const last = values.at(-1);
    if (work) run.work(work(values));
    const result = last instanceof Failure ? last : implementation(...values);
    if (values.length === args.length) run.spend(typeof tariff === 'number' ? tariff : tariff(values, result));
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
