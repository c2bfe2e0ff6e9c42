import { check } from './checker.ts';
import { CostLimitExceeded } from './cost-limit.ts';
import type { Environment } from './environment.ts';
import { estimate } from './estimate.ts';
import type { Range } from './library.ts';
import { parse } from './parser.ts';
import { type Plan, plan } from './plan.ts';
import { type Bindings, Run } from './run.ts';
import { type Issue, Source } from './source.ts';
import type { Type } from './type.ts';
import { validate } from './validators.ts';
import { Failure, type Value } from './value.ts';

/** An expression that goes together. */
export interface Compiled {
  readonly type: Type;
  readonly program: Program;
  /** The names that it refers to; a rule with `oldSelf` among them is one of changes. */
  readonly references: ReadonlySet<string>;
  /** What an evaluation may cost, for all that is known of the sizes of its variables. */
  estimate(): Range;
}

/** Why an expression cannot be evaluated. */
export interface Uncompilable {
  readonly issues: readonly Issue[];
  /** The issues as cel-go shows them, with the lines that they are about. */
  readonly message: string;
  /** It goes together, but a part of it that is known already cannot be evaluated: `int('x')`. */
  readonly program?: true;
}

/** Parses, checks and plans an expression. */
export function compile(expression: string, environment: Environment): Compiled | Uncompilable {
  const source = new Source(expression);
  const parsed = parse(source, { macros: environment.macros, optional: environment.optionalSyntax });
  if ('issues' in parsed) return uncompilable(source, parsed.issues);
  const checked = check(source, parsed, environment);
  if ('issues' in checked) return uncompilable(source, checked.issues);
  const invalid = validate(source, checked, environment);
  if (invalid.length) return uncompilable(source, invalid);
  const planned = plan(checked, environment);
  if (planned instanceof Failure) return { issues: [source.issue(-1, planned.message)], message: planned.message, program: true };
  return {
    type: checked.types.get(checked.expression.id)!,
    program: new Program(planned),
    references: checked.references,
    estimate: () => estimate(checked, environment, environment.sizeOfPath),
  };
}

const uncompilable = (source: Source, issues: readonly Issue[]): Uncompilable => ({ issues, message: source.display(issues) });

/** The most that one evaluation may cost in Kubernetes (k8s.io/apiserver/pkg/apis/cel, `PerCallLimit`). */
const PER_CALL_LIMIT = 1_000_000;

export interface Limits {
  /** What may be spent on this and other evaluations together, of which so much is left. */
  readonly costLimit?: number;
  /** What may be spent on this evaluation. */
  readonly perCallLimit?: number;
}

export type Evaluation =
  | ({ readonly value: Value } & Costs)
  | ({ readonly error: string /** The limit that the evaluation was ended for. */; readonly exceeded?: keyof Limits } & Costs);

interface Costs {
  /** As Kubernetes counts. */
  readonly cost: number;
  /** The same, and what Kubernetes does not count: what is taken from a budget. */
  readonly spent: number;
}

/** An expression that can be evaluated, any number of times. It keeps nothing of any evaluation. */
export class Program {
  readonly #plan: Plan;

  constructor(planned: Plan) {
    this.#plan = planned;
  }

  evaluate(bindings: Bindings, { costLimit = Number.POSITIVE_INFINITY, perCallLimit = PER_CALL_LIMIT }: Limits = {}): Evaluation {
    const run = new Run(bindings, this.#plan.slots, Math.min(costLimit, perCallLimit));
    try {
      const value = this.#plan.evaluate(run);
      const { cost, spent } = run;
      return value instanceof Failure ? { error: value.message, cost, spent } : { value, cost, spent };
    } catch (error) {
      if (!(error instanceof CostLimitExceeded)) throw error;
      return {
        error: 'operation cancelled: actual cost limit exceeded',
        cost: run.cost,
        spent: run.spent,
        exceeded: run.spent > costLimit && run.spent <= perCallLimit ? 'costLimit' : 'perCallLimit',
      };
    }
  }
}
