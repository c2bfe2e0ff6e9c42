import { beforeEach, describe, expect, it } from 'vitest';
import { type EventLog, LogUnavailable } from '../../core/log/log.ts';
import { all, appended, plain, plainLoaded, request, save, snapshot } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeClosing(current: Current, unless: Unless): void {
  describe('closing', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    it('answers LogUnavailable afterwards', async () => {
      await log.check();
      await log.close();
      await expect(log.check()).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.append(main, request(0, 1))).rejects.toBeInstanceOf(LogUnavailable);
      await expect(all(log, main)).rejects.toBeInstanceOf(LogUnavailable);
      await expect(save(log, main, snapshot(1, 1))).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.loadSnapshot(main)).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.truncate(main, { snapshot: 1 })).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.snapshots(main)).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.clusters()).rejects.toBeInstanceOf(LogUnavailable);
      await log.close();
    });

    unless('restart', 'keeps everything for the next process', async () => {
      const entries = [await appended(log, main, 0, 2), await appended(log, main, 2, 1)];
      await save(log, main, snapshot(2, 7));
      const again = await under.restart();
      expect(await all(again, main)).toStrictEqual(entries);
      expect(plainLoaded(await again.loadSnapshot(main))).toStrictEqual(plain(snapshot(2, 7)));
      expect(await again.clusters()).toContain(main);
      expect((await again.append(main, request(2, 1))).type).toBe('conflict');
      expect((await appended(again, main, 3, 1)).offset).toBe(4);
    });
  });
}
