import type { Problem } from '../library.ts';
import type { Expression } from '../syntax.ts';
import type { Kind, Type } from '../type.ts';
import { Failure } from '../value.ts';
import { type Clause, interpolate, refused, type Verb } from './string-format.ts';

/**
 * What is wrong with a call of `format` on a literal with a list of arguments, as far as their types tell (the AST validator of cel-go's ext/formatting.go). `typeOf` is what the
 * checker found out. undefined: nothing, or it is no such call.
 */
export function formatProblem(call: Expression, typeOf: (expression: Expression) => Type): Problem | undefined {
  if (call.kind !== 'call' || call.function !== 'format' || call.target?.kind !== 'literal' || typeof call.target.value !== 'string') return undefined;
  const [list] = call.args;
  if (call.args.length !== 1 || list?.kind !== 'list') return undefined;
  let used = 0;
  let at = call.id;
  const writeNothing = ({ verb }: Clause, index: number) => {
    used = index + 1;
    const wrong = firstRefused(verb, list.elements[index]!, typeOf);
    if (!wrong) return '';
    at = wrong.id;
    return refused(verb, typeOf(wrong));
  };
  const written = interpolate(call.target.value, list.elements.length, writeNothing, { endFirst: true });
  if (written instanceof Failure) return { id: at, message: written.message };
  if (used === list.elements.length) return undefined;
  return { id: call.id, message: `too many arguments supplied to string.format (expected ${used}, got ${list.elements.length})` };
}

const INTEGERS: readonly Kind[] = ['int', 'uint'];
const PRINTED: readonly Kind[] = ['list', 'map', ...INTEGERS, 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'];

const taken: Readonly<Record<Verb, readonly Kind[]>> = {
  s: PRINTED,
  d: INTEGERS,
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: [...INTEGERS, 'bool'],
  x: [...INTEGERS, 'string', 'bytes'],
  X: [...INTEGERS, 'string', 'bytes'],
  o: INTEGERS,
};

/** The argument, or for `%s` what is in it, if it is a list or map that is spelt out. */
function firstRefused(verb: Verb, expression: Expression, typeOf: (expression: Expression) => Type): Expression | undefined {
  const { kind } = typeOf(expression);
  if (kind !== 'dyn' && !taken[verb].includes(kind)) return expression;
  if (verb !== 's') return undefined;
  const parts =
    expression.kind === 'list' ? expression.elements : expression.kind === 'map' ? expression.entries.flatMap(({ key, value }) => [key, value]) : [];
  for (const part of parts) {
    const wrong = firstRefused(verb, part, typeOf);
    if (wrong) return wrong;
  }
  return undefined;
}
