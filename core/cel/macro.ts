import type { Expression, ExpressionFactory } from './syntax.ts';

/** A call that stands for another expression: `list.all(x, x > 0)`. The parser puts it in its place. */
export interface Macro {
  readonly name: string;
  /** `receiver.name(…)` */
  readonly member: boolean;
  /** undefined: any number of them. */
  readonly arguments?: number;
  /** The expression that it stands for; undefined: it is no macro after all, but a call. Throws a MacroError. */
  expand(make: ExpressionFactory, target: Expression | undefined, args: readonly Expression[]): Expression | undefined;
}
