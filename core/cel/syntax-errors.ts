import type { Issue, Source } from './source.ts';
import type { LexicalError, Token } from './tokens.ts';

export function syntaxErrors(source: Source, tokens: readonly Token[], lexical: readonly LexicalError[]): Issue[] {
  void tokens;
  return lexical.map(({ offset, text }) => source.issue(offset, `Syntax error: token recognition error at: '${text}'`));
}
