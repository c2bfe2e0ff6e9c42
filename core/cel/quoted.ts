/** The value of a string or bytes token; `undefined` and why not when it has none. Bytes come as one character each. */
export function quotedValue(token: string, bytes: boolean): { text: string } | { error: string } {
  let text = (bytes ? token.slice(1) : token).replace(/\r\n?/g, '\n');
  const raw = text[0] === 'r' || text[0] === 'R';
  if (raw) text = text.slice(1);
  const quotes = text.length >= 6 && (text.startsWith('"""') || text.startsWith("'''")) ? 3 : 1;
  text = text.slice(quotes, -quotes);
  if (bytes) text = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  if (raw || !text.includes('\\')) return { text };
  let error: string | undefined;
  const value = text.replace(SEQUENCE, (sequence: string, simple: string | undefined) => {
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    const kind = sequence[1]!;
    if (bytes && (kind === 'u' || kind === 'U')) {
      error ??= 'unable to unescape string';
      return '';
    }
    const code = kind >= '0' && kind <= '3' ? Number.parseInt(sequence.slice(1), 8) : Number.parseInt(sequence.slice(2), 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      error ??= 'invalid unicode code point';
      return '';
    }
    return String.fromCodePoint(code);
  });
  return error === undefined ? { text: value } : { error };
}

/** The lexer lets no others through. */
const SEQUENCE = /\\(?:([abfnrtv\\'"`?])|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})/g;

const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
