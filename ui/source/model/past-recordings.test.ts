import { describe, expect, it } from 'vitest';
import type { PastRecording } from './past-recording.ts';
import { PastRecordings } from './past-recordings.ts';

const recording = (from: number, to: number, size = 10) => ({ from, to, size }) as PastRecording;

describe('what was read of the past', () => {
  it('is there for each offset of it', () => {
    const kept = new PastRecordings();
    const [a, b] = [recording(10, 20), recording(30, 30)];
    kept.keep(a);
    kept.keep(b);
    expect([9, 10, 20, 21, 30].map((offset) => kept.at(offset))).toEqual([undefined, a, a, undefined, b]);
    kept.forgetAll();
    expect(kept.at(10)).toBeUndefined();
  });

  it('is bounded: what was looked at longest ago goes first, and what is looked at stays', () => {
    const kept = new PastRecordings(25);
    const [a, b, c, large] = [recording(1, 1), recording(2, 2), recording(3, 3), recording(4, 4, 99)];
    kept.keep(a);
    kept.keep(b);
    kept.at(1);
    kept.keep(c);
    expect([kept.at(2), kept.at(1), kept.at(3)]).toEqual([undefined, a, c]);
    kept.keep(large);
    expect([1, 3, 4].map((offset) => kept.at(offset))).toEqual([undefined, undefined, large]);
  });

  it('is not kept twice, once one has grown over another', () => {
    const kept = new PastRecordings(25);
    const [a, b, grown] = [recording(5, 5), recording(50, 50), recording(1, 9)];
    kept.keep(a);
    kept.keep(b);
    kept.keep(grown);
    expect([kept.at(5), kept.at(50)]).toEqual([grown, b]);
  });
});
