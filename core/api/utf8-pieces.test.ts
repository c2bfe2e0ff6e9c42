import { describe, expect, it } from 'vitest';
import { utf8Pieces } from './utf8-pieces.ts';

describe('texts in pieces', () => {
  const texts = ['', 'abc', 'ü', '€uro', '😀', '\ud800', 'x'.repeat(50), '', 'end'];

  it.each([1, 4, 7, 16, 60, 1_000])('are UTF-8, in order, and no larger than %i bytes unless one text is', (size) => {
    const pieces = [...utf8Pieces(texts, size)];
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(new TextEncoder().encode(texts.join(''))));
    const longest = Math.max(size, ...texts.map((text) => Buffer.byteLength(text)));
    for (const piece of pieces) {
      expect(piece.length).toBeGreaterThan(0);
      expect(piece.length).toBeLessThanOrEqual(longest);
    }
  });

  it('are taken from their source only as far as pieces are', () => {
    let made = 0;
    function* source() {
      for (; made < 10; made++) yield 'x'.repeat(10);
    }
    const pieces = utf8Pieces(source(), 20);
    expect(made).toBe(0);
    expect(pieces.next().value?.length).toBe(20);
    expect(made).toBe(2);
    pieces.next();
    expect(made).toBe(4);
  });

  it('are nothing when they are empty', () => {
    expect([...utf8Pieces(['', ''], 10)]).toEqual([]);
  });
});
