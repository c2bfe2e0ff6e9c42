import type { RE2JS } from 're2js';
import type { CallCost, FunctionDeclaration, Implementation, Library } from '../library.ts';
import { ONE, plus, REGEX_LENGTH, STRING_TRAVERSAL, scaled, times } from '../range.ts';
import { regularExpression } from '../regular-expression.ts';
import { sizeOf } from '../size.ts';
import { INT, listOf, STRING } from '../type.ts';
import { Elements, Failure, noSuchOverload, type Result, type Value } from '../value.ts';

/** Each character of the text is held against each expression of the pattern, which are guessed to be four characters long. */
const SEARCH: CallCost = {
  actual: ({ args: [text, pattern] }) => Math.ceil((1 + sizeOf(text!)) * STRING_TRAVERSAL) * Math.ceil(sizeOf(pattern!) * REGEX_LENGTH),
  estimate: ({ target, args: [pattern] }) =>
    target && {
      cost: times(scaled(plus(target.size, ONE), STRING_TRAVERSAL), scaled(pattern!.size, REGEX_LENGTH)),
      resultSize: { min: 0n, max: target.size.max },
    },
};

/** `text.find('[0-9]+')` (k8s.io/apiserver/pkg/cel/library/regex.go). */
export const regexLibrary: Library = {
  name: 'kubernetes.regex',
  functions: [
    {
      name: 'find',
      overloads: [{ id: 'string_find_string', member: true, parameters: [STRING, STRING], result: STRING, call: compiledEachTime(find) }],
      prepare: compiledOnce(find),
      cost: SEARCH,
    },
    {
      name: 'findAll',
      overloads: [
        { id: 'string_find_all_string', member: true, parameters: [STRING, STRING], result: listOf(STRING), call: compiledEachTime(findAll) },
        { id: 'string_find_all_string_int', member: true, parameters: [STRING, STRING, INT], result: listOf(STRING), call: compiledEachTime(findAll) },
      ],
      prepare: compiledOnce(findAll),
      cost: SEARCH,
    },
  ],
};

type Search = (text: string, expression: RE2JS, limit?: bigint) => Result;

function find(text: string, expression: RE2JS): string {
  const [match] = matches(expression, text);
  return match ?? '';
}

function findAll(text: string, expression: RE2JS, limit = -1n): Elements {
  const found: string[] = [];
  if (limit === 0n) return new Elements(found);
  for (const match of matches(expression, text)) {
    found.push(match);
    if (BigInt(found.length) === limit) break;
  }
  return new Elements(found);
}

function compiledEachTime(search: Search): Implementation {
  return (text: string, pattern: string, limit?: bigint) => {
    const expression = regularExpression(pattern);
    return expression instanceof Failure ? new Failure(`Illegal regex: ${expression.message}`) : search(text, expression, limit);
  };
}

/** A pattern that is a literal is compiled with the expression, and refused there. */
function compiledOnce(search: Search): NonNullable<FunctionDeclaration['prepare']> {
  return ([, pattern]) => {
    if (typeof pattern !== 'string') return undefined;
    const expression = regularExpression(pattern);
    if (expression instanceof Failure) return expression;
    return (text: Value, _: Value, limit?: bigint) => (typeof text === 'string' ? search(text, expression, limit) : noSuchOverload());
  };
}

/** From left to right, as Go finds them: an empty one does not follow right behind another. */
function* matches(expression: RE2JS, text: string): Generator<string> {
  const matcher = expression.matcher(text);
  let previousEnd = -1;
  for (let at = 0; at <= text.length && matcher.find(at); ) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start !== end || start !== previousEnd) yield text.slice(start, end);
    previousEnd = end;
    at = end > start ? end : end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
  }
}
