import { beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../core/log/codec.ts';
import type { EventLog } from '../../core/log/log.ts';
import { appended, save, snapshot } from './entries.ts';
import type { Current } from './log-under-test.ts';

export function describeWritten(current: Current): void {
  describe('what was written', () => {
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ log, main } = current());
    });

    it('is counted, in write units of DynamoDB as well, as far as it is kept; or not at all', async () => {
      if (!log.written) return expect(log.written).toBeUndefined();
      expect(await log.written(main)).toEqual({ entries: 0, bytes: 0, units: 0 });
      const random = Array.from({ length: 3_000 }, (_, i) => ((i * 7919 + ((i * i) % 101)) % 36).toString(36)).join('');
      const entries = [await appended(log, main, 0, 2), await appended(log, main, 2, 1, random)];
      const sizes = entries.map((entry) => encodeEntry(entry).length);
      const small = { entries: 2, bytes: sizes[0]! + sizes[1]! };
      const written = await log.written(main);
      expect(written).toMatchObject(small);
      // Each entry is a record of its own, with its key and its writer.
      const least = sizes.reduce((sum, size) => sum + Math.ceil(size / 1_024), 0);
      expect([least, least + 1]).toContain(written.units);
      const third = await appended(log, main, 3, 1);
      expect(await log.written(main)).toEqual({ entries: 3, bytes: small.bytes + encodeEntry(third).length, units: written.units + 1 });
      await save(log, main, snapshot(3, 7));
      while (!(await log.truncate(main, { snapshot: 3 })).done);
      expect(await log.written(main)).toEqual({ entries: 1, bytes: encodeEntry(third).length, units: 1 });
    });
  });
}
