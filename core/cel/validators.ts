import { sameType, unwrapped } from './assignable.ts';
import type { Checked } from './checker.ts';
import type { Environment } from './environment.ts';
import { partsOf } from './parts-of.ts';
import { expressionOf } from './regular-expression.ts';
import type { Issue, Source } from './source.ts';
import { conversions } from './standard/conversions.ts';
import type { Call, CreateList, CreateMap, Expression } from './syntax.ts';
import type { Type } from './type.ts';
import { Failure, type Result, typeOf, type Value } from './value.ts';

/**
 * What goes together, but cannot come to anything: literals that are no durations, timestamps or regular expressions, and lists and maps of several types
 * (cel-go's cel/validator.go, of which k8s.io/apiserver/pkg/cel/environment/base.go has these four since 1.29).
 */
export function validate(source: Source, checked: Checked, environment: Environment): Issue[] {
  const validator = new Validator(source, checked, environment);
  validator.validate(checked.expression, false);
  return validator.issues;
}

class Validator {
  readonly issues: Issue[] = [];
  readonly #source: Source;
  readonly #checked: Checked;
  readonly #environment: Environment;

  constructor(source: Source, checked: Checked, environment: Environment) {
    this.#source = source;
    this.#checked = checked;
    this.#environment = environment;
  }

  /** An expression, and all that it is made of; `mixed`: what takes it takes lists and maps of several types. */
  validate(part: Expression, mixed: boolean): void {
    if (part.kind === 'call') this.#literal(part);
    else if (part.kind === 'list' && !mixed) this.#list(part);
    else if (part.kind === 'map' && !mixed) this.#map(part);
    for (const validator of this.#environment.validators) {
      const problem = validator(part, (expression) => this.#type(expression, false));
      if (problem) this.#report(problem.id, problem.message);
    }
    const mixedInside = mixed || (part.kind === 'call' && this.#environment.takesMixed.has(part.function));
    for (const inner of partsOf(part)) this.validate(inner, mixedInside);
  }

  #literal({ function: name, args: [literal] }: Call): void {
    if (literal?.kind === 'literal' && Object.hasOwn(evaluated, name) && evaluated[name]!(literal.value) instanceof Failure)
      this.#report(literal.id, `invalid ${name} argument`);
  }

  #list({ elements, optional }: CreateList): void {
    let first: Type | undefined;
    for (const [i, element] of elements.entries()) {
      const type = this.#type(element, optional.has(i));
      first ??= type;
      if (this.#differs(element.id, first, type)) return;
    }
  }

  #map({ entries }: CreateMap): void {
    const [first, ...rest] = entries;
    for (const { key, value, optional } of rest) {
      this.#differs(key.id, this.#type(first!.key, false), this.#type(key, false));
      this.#differs(value.id, this.#type(first!.value, first!.optional), this.#type(value, optional));
    }
  }

  #type(expression: Expression, optional: boolean): Type {
    const type = this.#checked.types.get(expression.id)!;
    return optional ? unwrapped(type).type : type;
  }

  #differs(id: number, wanted: Type, given: Type): boolean {
    if (sameType(wanted, given, true)) return false;
    this.#report(id, `expected type '${wanted}' but found '${given}'`);
    return true;
  }

  #report(id: number, message: string): void {
    this.issues.push(this.#source.issue(this.#checked.offsets[id]!, message));
  }
}

/** The functions whose first argument is looked at; of `matches(text, pattern)`, too, that is the first. */
const evaluated: Readonly<Record<string, (literal: Value) => Result | object | undefined>> = {
  duration: (literal) => converted('duration', literal),
  timestamp: (literal) => converted('timestamp', literal),
  matches: (literal) => (typeof literal === 'string' ? expressionOf(literal) : undefined),
};

function converted(name: string, literal: Value): Result | undefined {
  const { overloads } = conversions.find((each) => each.name === name)!;
  return overloads.find(({ parameters }) => parameters[0]!.kind === typeOf(literal).kind)?.call?.(literal);
}
