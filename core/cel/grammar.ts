import type { TokenType } from './tokens.ts';

/**
 * The grammar of expressions (CEL.g4 of cel-go), as ANTLR has it: for what is told of a text that does not follow it (`syntax-errors.ts`). What follows it,
 * `parser.ts` parses. Left recursion is a loop here, as in the parser that ANTLR generates.
 */
export type Element =
  | { readonly kind: 'token'; readonly types: readonly TokenType[] }
  | { readonly kind: 'rule'; readonly name: string; readonly precedence: number }
  /** Taken when the next token can begin it. */
  | { readonly kind: 'optional'; readonly inner: readonly Element[] }
  | { readonly kind: 'loop'; readonly atLeastOne: boolean; readonly inner: readonly Element[]; readonly goesOn: GoesOn }
  | { readonly kind: 'choice'; readonly branches: readonly (readonly Element[])[]; readonly choose: Choose };

/** Sees the types of the tokens ahead. */
export type Ahead = (offset: number) => TokenType;

/** Whether a loop goes on, for the precedence that the rule is called with; how many tokens ahead the one is that nothing goes on with. */
export type GoesOn = (ahead: Ahead, precedence: number) => boolean | NoWay;

/** The index of the branch to take. */
export type Choose = (ahead: Ahead) => number | NoWay;

/** No branch goes on with the token that is so far ahead. */
export interface NoWay {
  readonly at: number;
}

const token = (...types: TokenType[]): Element => ({ kind: 'token', types });
const rule = (name: string, precedence = 0): Element => ({ kind: 'rule', name, precedence });
const optional = (...inner: Element[]): Element => ({ kind: 'optional', inner });
const loop = (goesOn: GoesOn, ...inner: Element[]): Element => ({ kind: 'loop', atLeastOne: false, goesOn, inner });
const loopOnce = (goesOn: GoesOn, ...inner: Element[]): Element => ({ kind: 'loop', atLeastOne: true, goesOn, inner });
const choice = (choose: Choose, ...branches: Element[][]): Element => ({ kind: 'choice', choose, branches });

const RELATIONS = ['==', '!=', 'in', '<', '<=', '>=', '>'];
const PRODUCTS = ['*', '/', '%'];
const SUMS = ['-', '+'];
const LITERALS = ['true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES'];
const EXPRESSION = ['[', '{', '(', '.', '-', '!', ...LITERALS, 'IDENTIFIER'];

const next =
  (...types: TokenType[]): GoesOn =>
  (ahead) =>
    types.includes(ahead(0));

/** A comma with another element behind it: one with the end behind it is the comma that may stand there. */
const another =
  (...types: TokenType[]): GoesOn =>
  (ahead) =>
    ahead(0) === ',' && types.includes(ahead(1));

/** By the names of the rules. */
export const grammar: Readonly<Record<string, readonly Element[]>> = {
  start: [rule('expr'), token('EOF')],
  expr: [rule('conditionalOr'), optional(token('?'), rule('conditionalOr'), token(':'), rule('expr'))],
  conditionalOr: [rule('conditionalAnd'), loop(next('||'), token('||'), rule('conditionalAnd'))],
  conditionalAnd: [rule('relation'), loop(next('&&'), token('&&'), rule('relation'))],
  relation: [rule('calc'), loop((ahead, precedence) => precedence <= 1 && RELATIONS.includes(ahead(0)), token(...RELATIONS), rule('relation', 2))],
  calc: [
    rule('unary'),
    loop(
      (ahead, precedence) => (precedence <= 2 && PRODUCTS.includes(ahead(0))) || (precedence <= 1 && SUMS.includes(ahead(0))),
      choice((ahead) => (PRODUCTS.includes(ahead(0)) ? 0 : 1), [token(...PRODUCTS), rule('calc', 3)], [token(...SUMS), rule('calc', 2)]),
    ),
  ],
  unary: [
    choice(
      (ahead) => {
        if (ahead(0) === '!') return 1;
        if (ahead(0) !== '-') return EXPRESSION.includes(ahead(0)) ? 0 : { at: 0 };
        // One minus before a number is the number's.
        if (ahead(1) === 'NUM_INT' || ahead(1) === 'NUM_FLOAT') return 0;
        return EXPRESSION.includes(ahead(1)) && ahead(1) !== '!' ? 2 : { at: 1 };
      },
      [rule('member')],
      [loopOnce(next('!'), token('!')), rule('member')],
      [loopOnce(anotherMinus, token('-')), rule('member')],
    ),
  ],
  member: [
    rule('primary'),
    loop(
      next('.', '['),
      choice(
        (ahead) => {
          if (ahead(0) === '[') return 2;
          if (ahead(1) === '?' || ahead(1) === 'ESC_IDENTIFIER') return 0;
          if (ahead(1) !== 'IDENTIFIER') return { at: 1 };
          return ahead(2) === '(' ? 1 : 0;
        },
        [token('.'), optional(token('?')), rule('escapeIdent')],
        [token('.'), token('IDENTIFIER'), token('('), optional(rule('exprList')), token(')')],
        [token('['), optional(token('?')), rule('expr'), token(']')],
      ),
    ),
  ],
  primary: [
    choice(
      primaryBranch,
      [optional(token('.')), token('IDENTIFIER')],
      [optional(token('.')), token('IDENTIFIER'), token('('), optional(rule('exprList')), token(')')],
      [token('('), rule('expr'), token(')')],
      [token('['), optional(rule('listInit')), optional(token(',')), token(']')],
      [token('{'), optional(rule('mapInitializerList')), optional(token(',')), token('}')],
      [
        optional(token('.')),
        token('IDENTIFIER'),
        loop(next('.'), token('.'), token('IDENTIFIER')),
        token('{'),
        optional(rule('fieldInitializerList')),
        optional(token(',')),
        token('}'),
      ],
      [rule('literal')],
    ),
  ],
  exprList: [rule('expr'), loop(next(','), token(','), rule('expr'))],
  listInit: [rule('optExpr'), loop(another('?', ...EXPRESSION), token(','), rule('optExpr'))],
  fieldInitializerList: [
    rule('optField'),
    token(':'),
    rule('expr'),
    loop(another('?', 'IDENTIFIER', 'ESC_IDENTIFIER'), token(','), rule('optField'), token(':'), rule('expr')),
  ],
  optField: [optional(token('?')), rule('escapeIdent')],
  mapInitializerList: [rule('optExpr'), token(':'), rule('expr'), loop(another('?', ...EXPRESSION), token(','), rule('optExpr'), token(':'), rule('expr'))],
  escapeIdent: [
    choice((ahead) => (ahead(0) === 'IDENTIFIER' ? 0 : ahead(0) === 'ESC_IDENTIFIER' ? 1 : { at: 0 }), [token('IDENTIFIER')], [token('ESC_IDENTIFIER')]),
  ],
  optExpr: [optional(token('?')), rule('expr')],
  literal: [
    choice(
      literalBranch,
      [optional(token('-')), token('NUM_INT')],
      [token('NUM_UINT')],
      [optional(token('-')), token('NUM_FLOAT')],
      [token('STRING')],
      [token('BYTES')],
      [token('true')],
      [token('false')],
      [token('null')],
    ),
  ],
};

function anotherMinus(ahead: Ahead): boolean | NoWay {
  if (ahead(0) !== '-') return EXPRESSION.includes(ahead(0)) && ahead(0) !== '!' ? false : { at: 0 };
  return EXPRESSION.includes(ahead(1)) && ahead(1) !== '!' ? true : { at: 1 };
}

function primaryBranch(ahead: Ahead): number | NoWay {
  const first = ahead(0);
  const simple: Readonly<Record<string, number>> = { '(': 2, '[': 3, '{': 4 };
  if (Object.hasOwn(simple, first)) return simple[first]!;
  if (first === '-' || LITERALS.includes(first)) return 6;
  let at = first === '.' ? 1 : 0;
  if (ahead(at) !== 'IDENTIFIER') return { at };
  at++;
  if (ahead(at) === '(') return 1;
  while (ahead(at) === '.' && ahead(at + 1) === 'IDENTIFIER') at += 2;
  return ahead(at) === '{' ? 5 : 0;
}

function literalBranch(ahead: Ahead): number | NoWay {
  const branches: Readonly<Record<string, number>> = { NUM_INT: 0, NUM_UINT: 1, NUM_FLOAT: 2, STRING: 3, BYTES: 4, true: 5, false: 6, null: 7 };
  if (ahead(0) !== '-') return branches[ahead(0)] ?? { at: 0 };
  return ahead(1) === 'NUM_INT' ? 0 : ahead(1) === 'NUM_FLOAT' ? 2 : { at: 1 };
}

/** The types of tokens in the order in which errors list them. */
export const TOKEN_ORDER: readonly TokenType[] = [
  'EOF',
  ...['==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?', ':', '+', '*', '/', '%'],
  ...['true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER'],
];
