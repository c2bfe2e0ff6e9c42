import { describe, expect, it } from 'vitest';
import { FrameCache } from './frame-cache.ts';

describe('frames that were encoded lately', () => {
  it('are encoded once', () => {
    const frames = new FrameCache(10_000);
    let encoded = 0;
    const encode = () => {
      encoded++;
      return new Uint8Array(100);
    };
    expect(frames.get('a', encode)).toBe(frames.get('a', encode));
    expect(encoded).toBe(1);
  });

  it.each([0, 100, 3_000, 20_000])('of %d bytes each are never more than they may be together', (length) => {
    const frames = new FrameCache(10_000);
    for (let i = 0; i < 500; i++) {
      expect(frames.get(`frame ${i}`, () => new Uint8Array(length)).length).toBe(length);
      expect(frames.bytes).toBeLessThanOrEqual(10_000);
    }
  });
});
