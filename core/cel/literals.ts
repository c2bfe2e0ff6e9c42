import { int64, uint64 } from './overflow.ts';
import { quotedValue } from './quoted.ts';
import type { Token, TokenType } from './tokens.ts';
import { Failure, type Value } from './value.ts';

/** The types of literals that may have a minus of their own. */
export const SIGNED: ReadonlySet<TokenType> = new Set(['NUM_INT', 'NUM_FLOAT']);

const LITERALS: ReadonlySet<TokenType> = new Set([...SIGNED, 'NUM_UINT', 'STRING', 'BYTES', 'true', 'false', 'null']);

export const isLiteral = ({ type }: Token): boolean => LITERALS.has(type);

/** What a literal stands for; in cel-go's words, why it stands for nothing. */
export function literalValue({ type, text }: Token, sign: string): { value: Value } | { error: string } {
  switch (type) {
    case 'NUM_INT': {
      const value = int64(sign ? -BigInt(text) : BigInt(text));
      return value instanceof Failure ? { error: 'invalid int literal' } : { value };
    }
    case 'NUM_UINT': {
      const value = uint64(BigInt(text.slice(0, -1)));
      return value instanceof Failure ? { error: 'invalid uint literal' } : { value };
    }
    case 'NUM_FLOAT': {
      const value = Number(sign + text);
      return Number.isFinite(value) ? { value } : { error: 'invalid double literal' };
    }
    case 'STRING':
    case 'BYTES': {
      const quoted = quotedValue(text, type === 'BYTES');
      if ('error' in quoted) return quoted;
      return { value: type === 'BYTES' ? Uint8Array.from(quoted.text, (character) => character.charCodeAt(0)) : quoted.text };
    }
    case 'null':
      return { value: null };
    default:
      return { value: type === 'true' };
  }
}
