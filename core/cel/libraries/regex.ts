import type { RegularExpression } from '../../kube/regular-expression.ts';
import type { CallCost, FunctionDeclaration, Library } from '../library.ts';
import { ONE, plus, REGEX_LENGTH, STRING_TRAVERSAL, scaled, times } from '../range.ts';
import { expressionOf, searchCost, searchWork } from '../regular-expression.ts';
import { sizeOf } from '../size.ts';
import { INT, listOf, STRING } from '../type.ts';
import { Elements, Failure, noSuchOverload, type Result, type Value } from '../value.ts';

const SEARCH: CallCost = {
  actual: ({ args: [text, pattern] }) => searchCost(text!, sizeOf(pattern!)),
  work: searchWork,
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
      overloads: [{ id: 'string_find_string', member: true, parameters: [STRING, STRING], result: STRING, call: find }],
      prepare: prepared(findFirst),
      cost: SEARCH,
    },
    {
      name: 'findAll',
      overloads: [
        { id: 'string_find_all_string', member: true, parameters: [STRING, STRING], result: listOf(STRING), call: findAll },
        { id: 'string_find_all_string_int', member: true, parameters: [STRING, STRING, INT], result: listOf(STRING), call: findAll },
      ],
      prepare: prepared(findEach),
      cost: SEARCH,
    },
  ],
};

/** A pattern that is a literal is compiled once. */
function prepared(search: (expression: RegularExpression, text: string, limit?: bigint) => Result): FunctionDeclaration['prepare'] {
  return ([, pattern]) => {
    const expression = typeof pattern === 'string' ? expressionOf(pattern) : undefined;
    if (!expression || expression instanceof Failure) return expression;
    return (text: Value, _: Value, limit?: Value) => {
      const fits = typeof text === 'string' && (limit === undefined || typeof limit === 'bigint');
      return fits ? search(expression, text, limit) : noSuchOverload();
    };
  };
}

function find(text: string, pattern: string): Result {
  const expression = expressionOf(pattern);
  return expression instanceof Failure ? illegal(expression) : findFirst(expression, text);
}

function findAll(text: string, pattern: string, limit?: bigint): Result {
  const expression = expressionOf(pattern);
  return expression instanceof Failure ? illegal(expression) : findEach(expression, text, limit);
}

function findFirst(expression: RegularExpression, text: string): string {
  const [match] = matches(expression, text);
  return match ?? '';
}

function findEach(expression: RegularExpression, text: string, limit = -1n): Elements {
  const found: string[] = [];
  for (const match of matches(expression, text)) {
    if (limit >= 0n && BigInt(found.length) >= limit) break;
    found.push(match);
  }
  return new Elements(found);
}

const illegal = ({ message }: Failure): Failure => new Failure(`Illegal regex: ${message}`);

/** From left to right, as Go finds them: an empty one does not follow right behind another. */
function* matches(expression: RegularExpression, text: string): Generator<string> {
  const matcher = expression.matcher(text);
  let previousEnd = -1;
  for (let at = 0; at <= text.length && matcher.find(at); ) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start !== end || start !== previousEnd) yield text.slice(start, end);
    previousEnd = end;
    at = end > start ? end : end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
  }
}
