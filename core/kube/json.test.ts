import { describe, expect, it } from 'vitest';
import { parseJson } from './json.ts';

// Each text with what Go's encoding/json says of it.
const refused: [string, string][] = [
  ['', 'unexpected end of JSON input'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{', 'unexpected end of JSON input'],
  ['{a}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a"}', "invalid character '}' after object key"],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['nul]', "invalid character ']' in literal null (expecting 'l')"],
  ['01', "invalid character '1' after top-level value"],
  ['-', "invalid character ' ' in numeric literal"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.', "invalid character ' ' after decimal point in numeric literal"],
  ['1.e', "invalid character 'e' after decimal point in numeric literal"],
  ['1e', "invalid character ' ' in exponent of numeric literal"],
  ['1e+', "invalid character ' ' in exponent of numeric literal"],
  ['"a', 'unexpected end of JSON input'],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['"\n"', "invalid character '\\n' in string literal"],
  ['{}x', "invalid character 'x' after top-level value"],
  ['[1]]', "invalid character ']' after top-level value"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['ä', "invalid character 'Ã' looking for beginning of value"],
  ['\u0000', "invalid character '\\x00' looking for beginning of value"],
  ['{"a":"\u0001"}', "invalid character '\\x01' in string literal"],
  ['1 2', "invalid character '2' after top-level value"],
  ['\u007f', "invalid character '\\x7f' looking for beginning of value"],
];

describe('parseJson', () => {
  for (const [text, message] of refused) it(`refuses ${JSON.stringify(text)}`, () => expect(() => parseJson(text)).toThrow(new SyntaxError(message)));

  it('names fields that stand twice by their path', () => {
    const paths: string[] = [];
    parseJson('{"a":{"b":[1,{"c":1,"c":2}],"\\u0062":3},"d":[],"e":{}, "a":null}', (path) => paths.push(path));
    expect(paths).toEqual(['a.b[1].c', 'a.b', 'a']);
  });

  it('has U+FFFD for half a character, as Go has', () => {
    expect(parseJson(String.raw`{"\ud800":["a\uDFFF","\ud83d\ude00", 1, null]}`)).toEqual({ '\ufffd': ['a\ufffd', '\u{1f600}', 1, null] });
  });
});
