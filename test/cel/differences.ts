import type { Recording } from './answer.ts';

/** Why Kubernetes is not followed in what it answers to an expression; undefined: it is. */
export const difference = ({ expression, error }: Recording): string | undefined => (error?.startsWith('internal error:') ? FALLS : besidesSyntax[expression]);

const FALLS = 'cel-go falls over an error, or a value of no list, that is to be sorted, and tells what Go says of that. Here it is the error itself.';

const MORE = 'Of a text that does not follow the grammar, cel-go also tells what is wrong with what ANTLR makes of it. Here the syntax is all that is told.';

const besidesSyntax: Readonly<Record<string, string>> = {
  'has(any.=)': MORE,
  'double(any.?..orValue(optional.of({-1).value()))': MORE,
};
