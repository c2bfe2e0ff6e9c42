const BESIDES_SYNTAX =
  'Of a text that does not follow the grammar, cel-go also tells what is wrong with what ANTLR makes of it. Here the syntax is all that is told.';

/** Where Kubernetes is not followed, and why. */
export const differences: Readonly<Record<string, string>> = {
  '[1, 2].sortBy(x, 1 / 0)': "cel-go falls over the error among the keys, and tells what Go says of that. Here it is the error itself: 'division by zero'.",
  'has(any.=)': BESIDES_SYNTAX,
  'double(any.?..orValue(optional.of({-1).value()))': BESIDES_SYNTAX,
};
