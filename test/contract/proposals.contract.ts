import { beforeEach, describe, expect } from 'vitest';
import { type EventLog, LogUnavailable } from '../../core/log/log.ts';
import type { Proposal } from '../../core/log/proposals.ts';
import { all, appended, event, noise } from './entries.ts';
import type { Current, LogUnderTest, Unless } from './log-under-test.ts';

export function describeProposals(current: Current, unless: Unless): void {
  describe('proposals', () => {
    let under: LogUnderTest;
    let log: EventLog;
    let main: string;
    beforeEach(() => {
      ({ under, log, main } = current());
    });

    const proposal = (id: string, text?: string): Proposal => ({
      id,
      after: { offset: 7, writer: 'w/1' },
      events: [event(1, text)],
      reads: { keys: ['configmaps/default/c-1'], lists: ['pods', 'secrets/default/'], indexes: { owner: ['u', ''] } },
    });
    const listed = async () => {
      const found = await under.peer.proposals!.list(main);
      return found.map(({ id, after, content }) => ({ id, after, ...content() })).sort((a, b) => (a.id < b.id ? -1 : 1));
    };

    unless('proposals', 'are seen by others as they were put, until they are removed', async () => {
      expect(await listed()).toStrictEqual([]);
      for (const id of ['a/1', 'b/1', 'c/1']) expect(await log.proposals!.put(main, proposal(id))).toBe(true);
      expect(await listed()).toStrictEqual(['a/1', 'b/1', 'c/1'].map((id) => proposal(id)));
      await log.proposals!.delete(main, 'b/1');
      await log.proposals!.delete(main, 'b/1');
      expect((await listed()).map(({ id }) => id)).toStrictEqual(['a/1', 'c/1']);
    });

    unless('proposals', 'replace what stands under their id', async () => {
      const again = { ...proposal('a/1', 'again'), after: { offset: 9, writer: 'w/2' } };
      for (const put of [proposal('a/1'), again]) expect(await log.proposals!.put(main, put)).toBe(true);
      expect(await listed()).toStrictEqual([again]);
    });

    unless('proposals', 'that are too large are not put, and leave what is there', async () => {
      await log.proposals!.put(main, proposal('a/1'));
      expect(await log.proposals!.put(main, proposal('a/1', noise(200_000)))).toBe(false);
      expect(await listed()).toStrictEqual([proposal('a/1')]);
    });

    unless('proposals', 'are of one cluster, and no entries', async () => {
      await log.proposals!.put(main, proposal('a/1'));
      expect(await under.peer.proposals!.list(`${main}-a`)).toStrictEqual([]);
      expect(await all(log, main)).toStrictEqual([]);
      expect(await log.clusters()).not.toContain(main);
      expect((await appended(log, main, 0, 1)).offset).toBe(1);
    });

    unless('proposals', 'are many: those of one look are no more than one request brings', async () => {
      for (let i = 0; i < 15; i++) expect(await log.proposals!.put(main, proposal(`a/${i}`, noise(100_000)))).toBe(true);
      const found = await listed();
      expect(found.length).toBeGreaterThanOrEqual(8);
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    });

    unless('proposals', 'cannot be had of a closed log', async () => {
      await log.close();
      await expect(log.proposals!.put(main, proposal('a/1'))).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.proposals!.list(main)).rejects.toBeInstanceOf(LogUnavailable);
      await expect(log.proposals!.delete(main, 'a/1')).rejects.toBeInstanceOf(LogUnavailable);
    });
  });
}
