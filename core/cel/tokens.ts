/** A piece of the source: a symbol by itself (`&&`, `in`, `true`), anything else by what it is. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly offset: number;
}

export type TokenType = 'NUM_FLOAT' | 'NUM_INT' | 'NUM_UINT' | 'STRING' | 'BYTES' | 'IDENTIFIER' | 'ESC_IDENTIFIER' | 'EOF' | (string & {});

/** Where no token begins: the text that was looked at in vain, up to the character that cannot stand there. */
export interface LexicalError {
  readonly offset: number;
  readonly text: string;
}

/** The tokens of an expression, `EOF` last, and what belongs to none (the lexer rules of cel-go's CEL.g4; what ANTLR does where none fits). */
export function tokensOf(source: string): { tokens: Token[]; errors: LexicalError[] } {
  const tokens: Token[] = [];
  const errors: LexicalError[] = [];
  let at = 0;
  while (at < source.length) {
    SKIPPED.lastIndex = at;
    if (SKIPPED.test(source)) {
      at = SKIPPED.lastIndex;
      continue;
    }
    const token = tokenAt(source, at);
    if (token) {
      tokens.push(token);
      at += token.text.length;
    } else {
      const end = failureAt(source, at);
      errors.push({ offset: at, text: source.slice(at, end) });
      at = end;
    }
  }
  tokens.push({ type: 'EOF', text: '<EOF>', offset: source.length });
  return { tokens, errors };
}

/** White space and comments. */
const SKIPPED = /[\t \r\n\f]+|\/\/[^\n]*/y;

const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const STRING = [
  '[rR]"""[^]*?"""',
  "[rR]'''[^]*?'''",
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join('|');

/** In the order in which they are tried; the first that fits is the longest. */
const patterns: readonly [type: TokenType | undefined, pattern: RegExp][] = [
  ['BYTES', new RegExp(`[bB](?:${STRING})`, 'y')],
  ['STRING', new RegExp(STRING, 'y')],
  ['IDENTIFIER', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['NUM_FLOAT', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['NUM_UINT', /0x[0-9a-fA-F]+[uU]|\d+[uU]/y],
  ['NUM_INT', /0x[0-9a-fA-F]+|\d+/y],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/y],
  [undefined, /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
];

const KEYWORDS = new Set(['in', 'true', 'false', 'null']);

function tokenAt(source: string, at: number): Token | undefined {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined) continue;
    return { type: type === undefined || (type === 'IDENTIFIER' && KEYWORDS.has(text)) ? text : type, text, offset: at };
  }
  return undefined;
}

/** The beginnings of a token that are none yet: a string without its end, `=`, `&`, `|`, a lone backtick. */
const BEGUN = new RegExp(String.raw`"(?:${ESCAPE}|[^\\"\n\r])*|'(?:${ESCAPE}|[^\\'\n\r])*|${'`'}[A-Za-z0-9_.\-/ ]*|[=&|]`, 'y');
/** How far into an escape sequence that is none the lexer looks. */
const BEGUN_ESCAPE = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y;

/** Behind the character that no token can have there. It is dropped with what stands before it. */
function failureAt(source: string, at: number): number {
  BEGUN.lastIndex = at;
  let end = BEGUN.test(source) ? BEGUN.lastIndex : at;
  if (source[end] === '\\' && end > at) {
    BEGUN_ESCAPE.lastIndex = end;
    if (BEGUN_ESCAPE.test(source)) end = BEGUN_ESCAPE.lastIndex;
  }
  return Math.min(source.length, end + ((source.codePointAt(end) ?? 0) > 0xffff ? 2 : 1));
}
