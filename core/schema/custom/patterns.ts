import { RE2JS } from 're2js';

/** A regular expression of a schema: RE2's, which is linear in the text and found anywhere in it. */
export interface Pattern {
  test(text: string): boolean;
}

/** The pattern of an expression. Throws what RE2 says of one that is malformed. */
export function compiledPattern(expression: string): Pattern {
  const known = patterns.get(expression);
  if (known) return known;
  const compiled = RE2JS.compile(expression);
  const pattern = { test: (text: string) => compiled.matcher(text).find() };
  if (patterns.size >= MAX_PATTERNS) patterns.delete(patterns.keys().next().value!);
  patterns.set(expression, pattern);
  return pattern;
}

// A cluster's definitions have some hundreds.
const MAX_PATTERNS = 1_000;
const patterns = new Map<string, Pattern>();

/** Why an expression is none; undefined when it is one. */
export function patternProblem(expression: string): string | undefined {
  try {
    compiledPattern(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
