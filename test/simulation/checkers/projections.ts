import { same } from '../../../core/kube/object.ts';
import type { Checker } from './checker.ts';

/** What a projection held at an offset, live or restored from a snapshot and what came after, is what the log says up to there. */
export const projections: Checker = {
  name: 'projections',
  *check({ projections: all, replay }) {
    for (const { by, offset, objects } of all) {
      const expected = replay.all(offset);
      for (const [key, object] of expected) {
        const held = objects.get(key);
        if (!held) yield `${by} lacks ${key} at offset ${offset}`;
        else if (!same(held, object)) yield `${by} has another ${key} at offset ${offset}: ${JSON.stringify(held)}, not ${JSON.stringify(object)}`;
      }
      for (const key of objects.keys()) if (!expected.has(key)) yield `${by} has ${key} at offset ${offset}, which the log has not`;
    }
  },
};
