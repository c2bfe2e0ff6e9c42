import { describe, expect, it } from 'vitest';
import type { Slim } from './kinds.ts';
import { Timeline } from './timeline.ts';

const object = (name: string, version: number): Slim => ({ metadata: { name, resourceVersion: String(version) } });
/** What is there: `a1 b5`. */
const shown = ({ objects }: Timeline<Slim>) =>
  [...objects.values()]
    .map(({ metadata }) => metadata.name + metadata.resourceVersion)
    .sort()
    .join(' ');

describe('a timeline', () => {
  /** From 10, where `a` is; `b` comes at 12, `a` changes at 13, and goes at 15. */
  const known = () => {
    const timeline = new Timeline<Slim>(10, [object('a', 3)]);
    timeline.add(12, 'b', object('b', 12));
    timeline.add(13, 'a', object('a', 13));
    timeline.add(15, 'a', undefined);
    return timeline;
  };

  it('goes to any offset, forward and back', () => {
    const timeline = known();
    const want = { 10: 'a3', 11: 'a3', 12: 'a3 b12', 13: 'a13 b12', 14: 'a13 b12', 15: 'b12', 99: 'b12' };
    for (const offset of [99, 12, 10, 14, 11, 15, 13]) {
      timeline.goTo(offset);
      expect([offset, shown(timeline)]).toEqual([offset, want[offset as keyof typeof want]]);
    }
  });

  it('is preceded by what happened before, wherever one looks', () => {
    for (const looked of [10, 13, 99]) {
      const timeline = known();
      timeline.goTo(looked);
      const before = shown(timeline);
      const earlier = new Timeline<Slim>(5, [object('c', 2)]);
      earlier.add(6, 'a', object('a', 3));
      earlier.add(7, 'c', undefined);
      timeline.precede(earlier);
      expect([looked, shown(timeline)]).toEqual([looked, before]);
      timeline.goTo(6);
      expect([timeline.from, shown(timeline)]).toEqual([5, 'a3 c2']);
      timeline.goTo(99);
      expect(shown(timeline)).toBe('b12');
    }
  });

  it('that began without what was there, as of Events, has it once it is known', () => {
    for (const looked of [10, 12, 99]) {
      const timeline = new Timeline<Slim>(10, []);
      timeline.add(12, 'a', object('a', 12));
      timeline.goTo(looked);
      const earlier = new Timeline<Slim>(5, []);
      earlier.add(6, 'a', object('a', 6));
      earlier.add(7, 'b', object('b', 7));
      timeline.precede(earlier);
      for (const [offset, want] of [
        [looked, looked === 10 ? 'a6 b7' : 'a12 b7'],
        [6, 'a6'],
        [10, 'a6 b7'],
        [99, 'a12 b7'],
      ] as const) {
        timeline.goTo(offset);
        expect([looked, offset, shown(timeline)]).toEqual([looked, offset, want]);
      }
    }
  });
});
