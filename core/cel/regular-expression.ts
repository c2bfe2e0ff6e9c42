import { RegularExpression, regularExpression } from '../kube/regular-expression.ts';
import { REGEX_LENGTH, STRING_TRAVERSAL } from './range.ts';
import { sizeOf } from './size.ts';
import { Failure, type Result } from './value.ts';

/** The regular expression of a pattern, or why it is none. */
export function expressionOf(pattern: string): RegularExpression | Failure {
  const expression = regularExpression(pattern);
  return expression instanceof RegularExpression ? expression : new Failure(expression.problem);
}

/** What holding a text against a pattern costs: each character of the text is held against each expression of the pattern, which are guessed to be four characters long. */
export const searchCost = (text: Result, length: number): number => Math.ceil((1 + sizeOf(text)) * STRING_TRAVERSAL) * Math.ceil(length * REGEX_LENGTH);

/** How much more it does where the pattern repeats parts of itself, which Kubernetes does not count: `a{1000}` is a thousand expressions in seven characters. */
export function searchWork([text, pattern]: readonly Result[]): number {
  if (typeof text !== 'string' || typeof pattern !== 'string') return 0;
  const expression = regularExpression(pattern);
  if (!(expression instanceof RegularExpression) || expression.size <= pattern.length) return 0;
  return searchCost(text, expression.size) - searchCost(text, pattern.length);
}
