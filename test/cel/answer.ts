import { compile } from '../../core/cel/compile.ts';
import type { Setting } from './settings.ts';
import { tagged } from './tagged.ts';

/** What Kubernetes answered to an expression (scripts/cel-goldens/main.go). */
export interface Recording {
  readonly expression: string;
  readonly compileError?: string;
  readonly programError?: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly cost?: string;
  readonly estimate?: readonly string[];
}

/** What is answered here, in the same form. */
export function answerTo(expression: string, { environment, bindings, costLimit }: Setting): Recording {
  const compiled = compile(expression, environment);
  if ('issues' in compiled) return { expression, [compiled.program ? 'programError' : 'compileError']: compiled.message };
  const { min, max } = compiled.estimate();
  const evaluation = compiled.program.evaluate(bindings, costLimit === undefined ? {} : { perCallLimit: costLimit });
  return {
    expression,
    type: compiled.type.declaredName,
    ...('error' in evaluation ? { error: evaluation.error } : { value: tagged(evaluation.value) }),
    cost: String(evaluation.cost),
    estimate: [String(min), String(max)],
  };
}
