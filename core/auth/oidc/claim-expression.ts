import { claimsEnvironment, userEnvironment } from '../../cel/claims-environment.ts';
import { claimsValue } from '../../cel/claims-value.ts';
import { compile, type Program } from '../../cel/compile.ts';
import { selects } from '../../cel/selects.ts';
import { BOOL } from '../../cel/type.ts';
import { ListValue, type Value } from '../../cel/value.ts';
import type { FieldError } from '../../kube/status.ts';
import { internalError, invalidValue } from '../../kube/validation/field.ts';

/** An expression of an AuthenticationConfiguration that goes together (k8s.io/apiserver/pkg/authentication/cel). */
export class ClaimExpression {
  readonly text: string;
  readonly #variable: Variable;
  readonly #program: Program;

  private constructor(text: string, variable: Variable, program: Program) {
    this.text = text;
    this.#variable = variable;
    this.#program = program;
  }

  /** `rule`: it must be a boolean, and known to be one. A mapping may be anything: what claims are is known when there are some. */
  static compiled(text: string, { variable, rule, field }: { variable: Variable; rule: boolean; field: string }): ClaimExpression | FieldError {
    const compiled = compile(text, environments[variable]());
    if ('issues' in compiled) {
      return compiled.program
        ? internalError(field, `program instantiation failed: ${compiled.message}`)
        : invalidValue(field, text, `compilation failed: ${compiled.message}`);
    }
    if (rule && compiled.type !== BOOL) return invalidValue(field, text, 'must evaluate to bool');
    return new ClaimExpression(text, variable, compiled.program);
  }

  /** Whether it looks at a claim. */
  uses(claim: string): boolean {
    return selects(this.text, { variable: 'claims', field: claim, environment: claimsEnvironment() });
  }

  /** Throws `Unmapped` when it comes to nothing. */
  value(of: object): Value {
    const evaluation = this.#program.evaluate({ [this.#variable]: claimsValue(of) });
    if ('error' in evaluation) throw new Unmapped(`expression '${this.text}' resulted in error: ${evaluation.error}`);
    return evaluation.value;
  }

  /** Throws `Unmapped` when it is none. */
  string(of: object): string {
    const value = this.value(of);
    if (typeof value !== 'string') throw new Unmapped('claim expression must return a string');
    return value;
  }

  /** One or several, without those that are empty. Throws `Unmapped` when it is anything else; null is none. */
  strings(of: object): string[] {
    const value = this.value(of);
    if (value === null) return [];
    const all = value instanceof ListValue ? [...value] : [value];
    return all
      .map((one) => {
        if (typeof one !== 'string') throw new Unmapped('expression must return a string or a list of strings');
        return one;
      })
      .filter((one) => one !== '');
  }

  /** Throws `Unmapped` where the rule does not hold. */
  mustHold(of: object, message: string): void {
    if (this.value(of) !== true) throw new Unmapped(`validation expression '${this.text}' failed: ${message}`);
  }
}

type Variable = 'claims' | 'user';

const environments = { claims: claimsEnvironment, user: userEnvironment };

/** Why the claims of a token make no user. */
export class Unmapped extends Error {}
