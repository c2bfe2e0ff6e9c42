import { describe, expect, it } from 'vitest';
import type { Fetch } from '../../../core/api/server.ts';
import type { ClustersHost } from '../../../core/clusters/clusters-host.ts';
import type { EventLog, LogEntry } from '../../../core/log/log.ts';
import { type ClustersOptions, simulateClusters } from '../clusters/simulate-clusters.ts';
import { forgetful } from './forgetful.ts';

/** Defects of clusters as objects, and of what they share. */
describe('a run of many clusters without faults', () => {
  it('has no findings, as long as there is no defect', async () => {
    expect((await simulateClusters(1, { minutes: 2, rates: {} })).findings).toEqual([]);
  });

  const defects: { name: string; parts: ClustersOptions['parts']; found: RegExp }[] = [
    { name: 'a fork that shares an event more than it should', parts: { wrapLog: sharingMore }, found: /forks: .* shares up to/ },
    { name: 'a write that is acknowledged and not done', parts: { wrapLog: losing }, found: /writes: .* was acknowledged at \d+ and is nowhere/ },
    { name: 'a reader that misses what it is to share', parts: { wrapLog: overlooking }, found: /states: .* and its entries say/ },
    { name: 'a log that nobody removes', parts: { wrapLog: leaving }, found: /when all has ended there is left: .*~/ },
    { name: 'a cluster that goes on when its object is gone', parts: { wrapHost: keeping }, found: /objects: .*there is no object of that cluster/ },
    { name: 'an end that lets writers go on', parts: { wrapHost: notEnding }, found: /objects: .* took writes to the last/ },
    { name: 'a restore to another moment', parts: { wrapFetch: misreading }, found: /restores: .* restored to/ },
    { name: 'changes that count as told and are not', parts: { wrapTargets: forgetful }, found: /deliveries: .* nobody was told of/ },
  ];
  it.each(defects)('shows $name', async ({ parts, found }) => {
    const findings: string[] = [];
    for (let seed = 1; seed <= SEEDS && !findings.some((finding) => found.test(finding)); seed++) {
      findings.push(...(await simulateClusters(seed, { minutes: 2, rates: {}, ...(parts && { parts }) })).findings);
    }
    expect(findings.join('\n')).toMatch(found);
  });
});

/** Not every run comes into the situation in which a defect does harm. */
const SEEDS = 6;

function sharingMore(log: EventLog): EventLog {
  const begin: EventLog['branches']['begin'] = (branch) =>
    log.branches.begin({ ...branch, base: branch.base.map((segment, i) => (i === branch.base.length - 1 ? { ...segment, upTo: segment.upTo + 1 } : segment)) });
  return { ...log, branches: { ...log.branches, begin } };
}

/** Each tenth entry of a cluster other than `root`. */
function losing(log: EventLog): EventLog {
  let n = 0;
  return {
    ...log,
    async append(cluster, append) {
      if (cluster === 'root' || append.after < 12 || ++n % 10 > 0) return log.append(cluster, append);
      const { after, ...entry } = append;
      return { type: 'appended', entry: { ...entry, offset: after + 1 } as LogEntry };
    },
  };
}

/** What changed last in an entry of several events. */
function overlooking(log: EventLog): EventLog {
  return {
    ...log,
    async *read(cluster, options) {
      for await (const entry of log.read(cluster, options)) {
        const events = entry.events.map((event) => (event.key === 'configmaps/default/a' && event.type === 'MODIFIED' ? { ...event, patch: {} } : event));
        yield { ...entry, events } as LogEntry;
      }
    },
  };
}

const leaving = (log: EventLog): EventLog => ({ ...log, branches: { ...log.branches, ended: async () => [] } });

const keeping = (host: ClustersHost): ClustersHost => ({ ...host, log: { ...host.log, branches: { ...host.log.branches, end: async () => undefined } } });

/** Without its last entry. */
const notEnding = (host: ClustersHost): ClustersHost => ({
  ...host,
  openReplica: () => undefined,
  log: { ...host.log, append: async (_, append) => ({ type: 'appended', entry: { ...append, offset: append.after + 1 } as unknown as LogEntry }) },
});

/** Restores go to the moment before. */
function misreading(fetch: Fetch): Fetch {
  return async (request, sent) => {
    if (request.method !== 'POST' || !sent?.target?.endsWith('/restores')) return fetch(request, sent);
    const body = (await request.json()) as { spec: { at: number } };
    const changed = new Request(request.url, {
      method: 'POST',
      headers: request.headers,
      body: JSON.stringify({ ...body, spec: { ...body.spec, at: Math.max(1, body.spec.at - 2) } }),
    });
    return fetch(changed, sent);
  };
}
