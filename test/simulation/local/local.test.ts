import { describe, expect, it } from 'vitest';
import { userNamed } from '../../../core/kube/user.ts';
import { sqliteLog } from '../../../core/log/sqlite/sqlite-log.ts';
import { damageKinds } from './disk.ts';
import { type LocalOptions, live } from './lives.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('the local host, on a disk with faults', () => {
  it('starts with all that was acknowledged, or says that it does not', async () => {
    const unmet = new Set<string>([...damageKinds, 'disk full', 'killed', 'clock set', 'refused to start']);
    for (const seed of seeds) {
      const { findings, counts } = await live(seed);
      expect(findings, `seed ${seed}`).toEqual([]);
      for (const what of counts.keys()) unmet.delete(what);
    }
    expect([...unmet]).toEqual([]);
  });
});

/** What goes on with whatever is there must be found out. */
describe('a run of the local host', () => {
  const credulous: LocalOptions['openLog'] = (options) => sqliteLog({ ...options, acceptLoss: true });
  const defects: { name: string; given: LocalOptions; found: RegExp }[] = [
    { name: 'a log that does not know its end, when a flush lied', given: { openLog: credulous, damages: ['flush lies'] }, found: /was acknowledged/ },
    { name: 'a log that does not know its end, when the WAL was removed', given: { openLog: credulous, damages: ['WAL removed'] }, found: /was acknowledged/ },
    { name: 'a log that takes an older database', given: { openLog: credulous, damages: ['older database'] }, found: /was acknowledged/ },
    { name: 'a log that acknowledges what it does not write', given: { openLog: forgetful, damages: ['WAL removed'] }, found: /was acknowledged/ },
  ];
  for (const { name, given, found } of defects) {
    it(`finds ${name}`, async () => {
      const findings: string[] = [];
      for (const seed of seeds) {
        findings.push(...(await live(seed, given)).findings);
        if (findings.some((finding) => found.test(finding))) return;
      }
      expect.fail(findings.join('\n') || 'nothing was found');
    });
  }
});

/** Loses every fifth entry of a client, and says that it is written. */
const forgetful: LocalOptions['openLog'] = (options) => {
  const log = sqliteLog(options);
  let appends = 0;
  const append: typeof log.append = async (cluster, wanted) => {
    const byClient = wanted.events.every(({ actor }) => actor.username === 'logplane-admin');
    if (!byClient || ++appends % 5 > 0) return log.append(cluster, wanted);
    const { events, time, writer } = wanted;
    const [{ key }] = events as [(typeof events)[0]];
    const harmless = { type: 'DELETED', key, actor: userNamed('nobody') } as const;
    const result = await log.append(cluster, { after: wanted.after, events: [harmless], writer, time });
    return result.type === 'appended' ? { type: 'appended', entry: { ...result.entry, events } } : result;
  };
  return { ...log, append };
};
