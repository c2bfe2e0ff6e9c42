import { describe, expect, it } from 'vitest';
import { between, clusterInstant, earlierOf, elapsedAt, epochMs, plus, realInstant } from './instant.ts';

describe('moments', () => {
  it('are moved and compared within their clock', () => {
    expect(plus(clusterInstant('2026-01-01T00:00:00Z'), 1_000)).toBe(Date.parse('2026-01-01T00:00:01Z'));
    expect(epochMs(plus(realInstant(1_000), -1))).toBe(999);
    expect(between(elapsedAt(5), elapsedAt(12.5))).toBe(7.5);
    expect(earlierOf(realInstant(2), realInstant(1))).toBe(realInstant(1));
    expect(realInstant(1) < realInstant(2)).toBe(true);
  });
});
