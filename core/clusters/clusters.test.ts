import { describe, expect, it } from 'vitest';
import { objectOf } from '../kube/fields.ts';
import { keyOf, parseKey } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { EventLog } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { CLUSTERS_PATH, Clusters } from '../testing/clusters.ts';
import { NOW } from '../testing/env.ts';

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const configMaps = (cluster: string) => `/clusters/${cluster}/api/v1/namespaces/default/configmaps`;

/** The names of the ConfigMaps of a cluster. */
const namesIn = async (clusters: Clusters, cluster: string): Promise<string[]> => {
  const { json } = await clusters.request(`GET ${configMaps(cluster)}`);
  return json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
};

const put = async (clusters: Clusters, cluster: string, name: string) => {
  expect((await clusters.request(`POST ${configMaps(cluster)}`, { body: configMap(name) })).code).toBe(201);
};

describe('a cluster', () => {
  it('is there as soon as its creation is answered, without a write but that of its object', async () => {
    const clusters = new Clusters();
    expect(await clusters.create('s1', { nodes: 2 })).toMatchObject({ code: 201, json: { status: { phase: 'Ready', observedGeneration: 1 } } });
    expect((await clusters.log.branches.list()).map(({ cluster }) => cluster)).toEqual(['root']);
    const { json } = await clusters.request('GET /clusters/s1/api/v1/nodes');
    expect(json.items).toHaveLength(2);
    expect((await clusters.object('s1')).status).toMatchObject({ url: 'https://host.test/clusters/s1', offset: 11, forks: 0 });
  });

  it('that was there before its object is shown, and served under its own log', async () => {
    const clusters = new Clusters();
    await put(clusters, 'default', 'a');
    expect((await clusters.object('default')).status).toMatchObject({ phase: 'Ready', log: 'default', url: 'https://host.test' });
    const later = new Clusters({ log: clusters.log });
    expect(await namesIn(later, 'default')).toEqual(['a']);
  });

  it('is found by the worker where it was begun otherwise', async () => {
    const log = memoryLog();
    const clusters = new Clusters({ log });
    await clusters.settle();
    await put(clusters, 'default', 'a');
    clusters.restart();
    await clusters.settle();
    expect((await clusters.object('default')).status.log).toBe('default');
  });

  it('is begun once, whichever of several processes opens it first', async () => {
    const log = memoryLog();
    const processes = [new Clusters({ log }), new Clusters({ log }), new Clusters({ log })];
    await processes[0]!.create('s1', { nodes: 1 });
    const answers = await Promise.all(processes.map((process) => process.request('GET /clusters/s1/api/v1/nodes')));
    expect(answers.map(({ code, json }) => [code, json.items.length])).toEqual([
      [200, 1],
      [200, 1],
      [200, 1],
    ]);
  });

  it('goes, log and all, when its object is deleted; its name is that of another one then', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    expect((await clusters.request(`DELETE ${CLUSTERS_PATH}/s1`)).json).toMatchObject({ status: { phase: 'Terminating' } });
    await clusters.settle();
    expect([await clusters.object('s1'), (await clusters.request('GET /clusters/s1/api')).code]).toEqual([undefined, 404]);
    expect([await clusters.log.branches.ended(), (await clusters.log.branches.list()).map(({ cluster }) => cluster)]).toEqual([[], ['root']]);
    await clusters.create('s1');
    expect(await namesIn(clusters, 's1')).toEqual([]);
  });

  it('that is written to while it goes loses nothing of any other', async () => {
    const clusters = new Clusters();
    for (const name of ['s1', 's2']) await clusters.create(name);
    const writes = Array.from({ length: 20 }, async (_, i) => {
      const [gone, kept] = await Promise.all(['s1', 's2'].map((name) => clusters.request(`POST ${configMaps(name)}`, { body: configMap(`c${i}`) })));
      return [gone!.code, kept!.code];
    });
    await clusters.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await clusters.settle();
    for (const [gone, kept] of await Promise.all(writes)) expect([[201, 404].includes(gone!), kept]).toEqual([true, 201]);
    expect(await namesIn(clusters, 's2')).toHaveLength(20);
  });

  it('takes no more writes when it was deleted by a process that knows another one of its name', async () => {
    const log = memoryLog();
    const [one, other] = [new Clusters({ log }), new Clusters({ log, seed: 2 })];
    await one.create('s1');
    await put(one, 's1', 'a');
    await other.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await other.settle();
    await other.create('s1');
    await put(other, 's1', 'b');
    await one.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await one.settle();
    // Its log may be gone already, which says less.
    expect([404, 504]).toContain((await other.request(`POST ${configMaps('s1')}`, { body: configMap('c') })).code);
  });

  it('goes by itself when its time is over, and no sooner', async () => {
    const clusters = new Clusters();
    await clusters.create('s1', { ttl: '1h' });
    const next = await clusters.settle();
    expect(next).toBe(NOW + 3_600_000);
    clusters.clock.advance(3_599_000);
    await clusters.settle();
    expect(await clusters.object('s1')).toBeDefined();
    clusters.clock.advance(1_000);
    expect(await clusters.settle()).toBeUndefined();
    expect(await clusters.object('s1')).toBeUndefined();
  });

  it('stays as long as another finalizer holds its object, without its log', async () => {
    const clusters = new Clusters();
    await clusters.request(`POST ${CLUSTERS_PATH}`, {
      body: { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name: 's1', finalizers: ['example.com/keep'] }, spec: {} },
    });
    await clusters.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await clusters.settle();
    expect((await clusters.object('s1')).metadata.finalizers).toEqual(['example.com/keep']);
    expect((await clusters.request('GET /clusters/s1/api')).code).toBe(404);
  });

  it('writes nothing while nothing is asked of it', async () => {
    const clusters = new Clusters();
    await clusters.create('s1', { clock: { rate: 2 } });
    await clusters.settle();
    const { offset } = (await clusters.replicaOf('root'))!.state;
    for (let hour = 0; hour < 3; hour++) {
      clusters.clock.advance(3_600_000);
      expect(await clusters.settle()).toBeUndefined();
    }
    expect((await clusters.replicaOf('root'))!.state.offset).toBe(offset);
  });
});

describe('the status of a cluster', () => {
  it('tells of its subscriptions that fail or have dead letters, and a fork of none that its parent has', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    const subscription = (name: string, status: object) => ({
      type: 'ADDED' as const,
      key: keyOf('subscriptions.logplane.dev', 'default', name),
      object: objectOf({ apiVersion: 'logplane.dev/v1', kind: 'Subscription', metadata: { name, namespace: 'default' }, spec: { target: {} }, status }),
      actor: userNamed('a'),
    });
    const ready = (status: string) => [{ type: 'Ready', status }];
    await (await clusters.replicaOf('s1'))!.commit(() => ({
      events: [
        subscription('fails', { cluster: 's1', lag: 7, lastError: 'refused', attempts: 3, conditions: ready('False') }),
        subscription('fine', { cluster: 's1', lag: 0, deliveries: 4, conditions: ready('True') }),
        subscription('gave-up', { cluster: 's1', lag: 0, deadLetters: 2, conditions: ready('True') }),
      ],
      answer: () => undefined,
    }));
    expect((await clusters.object('s1')).status.subscriptions).toEqual([
      { kind: 'Subscription', namespace: 'default', name: 'fails', error: 'refused', lag: 7 },
      { kind: 'Subscription', namespace: 'default', name: 'gave-up', lag: 0, deadLetters: 2 },
    ]);
    await clusters.create('f1', { forkOf: { name: 's1' } });
    await namesIn(clusters, 'f1');
    expect((await clusters.object('f1')).status).not.toHaveProperty('subscriptions');
  });
});

describe('a fork', () => {
  it('has what its parent had, and goes its own way', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    expect((await clusters.create('f1', { forkOf: { name: 's1' } })).json.status.fork).toEqual({ offset: 10 });
    await put(clusters, 's1', 'b');
    await put(clusters, 'f1', 'c');
    expect([await namesIn(clusters, 's1'), await namesIn(clusters, 'f1')]).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect([(await clusters.object('s1')).status.forks, (await clusters.object('f1')).status.offset]).toEqual([1, 11]);
  });

  it.each([
    { name: 'a resourceVersion', at: async () => 10, want: ['a'] },
    { name: 'a time', at: async () => '2026-01-02T03:04:15Z', want: ['a'] },
    { name: 'a bookmark', at: async () => 'then', want: ['a'] },
    { name: 'its parent as it began', at: async () => 'start', want: [] },
  ])('begins at $name', async ({ at, want }) => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    await clusters.request('POST /clusters/s1/apis/logplane.dev/v1/bookmarks', {
      body: { apiVersion: 'logplane.dev/v1', kind: 'Bookmark', metadata: { name: 'then' }, spec: { offset: 10 } },
    });
    clusters.clock.advance(60_000);
    await put(clusters, 's1', 'b');
    expect((await clusters.create('f1', { forkOf: { name: 's1', at: await at() } })).code).toBe(201);
    expect(await namesIn(clusters, 'f1')).toEqual(want);
  });

  it('is begun by the worker, though nobody asks for it, and tried again where that fails', async () => {
    const log = memoryLog();
    let fails = true;
    const begin: typeof log.branches.begin = (branch) => (fails && branch.cluster === 'f1' ? Promise.reject(new Error('no')) : log.branches.begin(branch));
    const clusters = new Clusters({ log: { ...log, branches: { ...log.branches, begin } } });
    await clusters.create('s1');
    for (const name of ['f1', 'f2']) await clusters.create(name, { forkOf: { name: 's1' } });
    expect(await clusters.settle()).toBe(NOW + 30_000);
    const begun = async () => (await log.branches.list()).map(({ cluster }) => cluster);
    expect([clusters.problems.length, (await begun()).includes('f1')]).toEqual([1, false]);
    fails = false;
    expect(await clusters.settle()).toBeUndefined();
    expect(await begun()).toEqual(expect.arrayContaining(['f1', 'f2']));
    // A process that knows nothing finds that there is nothing to do.
    clusters.restart();
    fails = true;
    expect(await clusters.settle()).toBeUndefined();
    expect(clusters.problems).toHaveLength(1);
  });

  it('says so where what it was to share is gone', async () => {
    const log = memoryLog();
    const begin: typeof log.branches.begin = async (branch) => (branch.cluster === 'f1' ? 'gone' : log.branches.begin(branch));
    const clusters = new Clusters({ log: { ...log, branches: { ...log.branches, begin } } });
    await clusters.create('s1');
    await clusters.create('f1', { forkOf: { name: 's1' }, suspended: true });
    expect(await clusters.settle()).toBeUndefined();
    expect((await clusters.object('f1')).status).toMatchObject({ phase: 'Failed', conditions: [{ type: 'Ready', status: 'False' }, {}] });
  });

  it('keeps what it shares when its parent goes before it was opened', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    await clusters.create('f1', { forkOf: { name: 's1' } });
    await clusters.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await clusters.settle();
    expect([await clusters.object('s1'), await namesIn(clusters, 'f1')]).toEqual([undefined, ['a']]);
    await clusters.request(`DELETE ${CLUSTERS_PATH}/f1`);
    await clusters.settle();
    expect(await clusters.log.branches.ended()).toEqual([]);
  });
});

describe('a spec', () => {
  it('sets a cluster that is open, and one that is not', async () => {
    const clusters = new Clusters();
    for (const name of ['s1', 's2']) await clusters.create(name);
    await put(clusters, 's1', 'a');
    for (const name of ['s1', 's2']) await clusters.patch(name, { suspended: true, retention: '24h', eventTTL: '30m', clock: { paused: true } });
    await clusters.settle();
    for (const name of ['s1', 's2']) {
      const { state } = (await clusters.replicaOf(name))!;
      expect(state.get('clustersettings', undefined, 'cluster')).toMatchObject({ spec: { suspended: true, retentionMs: 86_400_000, eventTtlMs: 1_800_000 } });
      expect(state.get('clusterclocks', undefined, 'cluster')).toMatchObject({ spec: { rate: 0 } });
      expect((await clusters.object(name)).status).toMatchObject({ phase: 'Suspended', observedGeneration: 2 });
    }
    await clusters.patch('s1', { suspended: null, clock: null });
    await clusters.settle();
    const { state } = (await clusters.replicaOf('s1'))!;
    expect(state.get('clustersettings', undefined, 'cluster')).toMatchObject({ spec: { retentionMs: 86_400_000 } });
    expect(state.get('clusterclocks', undefined, 'cluster')).toMatchObject({ spec: { rate: 1 } });
  });

  it('of a fork is its own, whatever its parent was set to', async () => {
    const clusters = new Clusters();
    await clusters.create('s1', { suspended: true });
    await put(clusters, 's1', 'a');
    await clusters.create('f1', { forkOf: { name: 's1' } });
    expect((await clusters.replicaOf('f1'))!.state.get('clustersettings', undefined, 'cluster')).toMatchObject({ spec: {} });
  });

  it('puts the clock forward once for each order, whoever forgets that it did', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    const replica = (await clusters.replicaOf('s1'))!;
    const before = Number(replica.now());
    for (const advance of ['3h', '3h', '90m']) expect((await clusters.patch('s1', { clock: { advance } })).json.spec).toEqual({});
    await clusters.settle();
    clusters.restart();
    await clusters.settle();
    expect(Number((await clusters.replicaOf('s1'))!.now()) - before).toBe(7.5 * 3_600_000);
    expect((await clusters.object('s1')).status.clock).toMatchObject({ ordered: '7h30m0s', advanced: '7h30m0s' });
  });

  describe('lets time pass in a cluster', () => {
    const template = { spec: { containers: [{ name: 'a', image: 'busybox', command: ['true'] }], restartPolicy: 'Never' } };
    const hourly = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'hourly' },
      // A run is over, and gone, before the next one.
      spec: { schedule: '@hourly', jobTemplate: { spec: { template, ttlSecondsAfterFinished: 1_800 } } },
    };
    const busy = async (clusters: Clusters) => {
      await clusters.create('s1', { nodes: 1 });
      expect((await clusters.request('POST /clusters/s1/apis/batch/v1/namespaces/default/cronjobs', { body: hourly })).code).toBe(201);
      return (await clusters.replicaOf('s1'))!;
    };
    /** What became of its Jobs, in the order of the log: `+29453280` is one of that minute. */
    const jobs = async ({ log, logName }: { log: EventLog; logName: string }) => {
      const found: string[] = [];
      for await (const { events } of log.read(logName, { after: 0 })) {
        for (const { type, key } of events) {
          const { resource, name } = parseKey(key);
          if (resource === 'jobs.batch' && type !== 'MODIFIED') found.push(`${type === 'ADDED' ? '+' : '-'}${name.replace('hourly-', '')}`);
        }
      }
      return found;
    };

    it('from one moment at which something is due to the next', async () => {
      const clusters = new Clusters();
      const { logName } = await busy(clusters);
      await clusters.patch('s1', { clock: { advance: '3h' } });
      await clusters.settle();
      const hours = [1, 2, 3].map((hour) => Math.floor(NOW / 3_600_000 + hour) * 60);
      expect(await jobs({ log: clusters.log, logName })).toEqual(
        hours.flatMap((minute) => [`+${minute}`, `-${minute}`]).slice(0, 6 - Number(NOW % 3_600_000 < 1_800_000)),
      );
    });

    it('goes on where a process died', async () => {
      const real = memoryLog();
      let left = Number.POSITIVE_INFINITY;
      const log: EventLog = {
        ...real,
        append: async (...entry) => {
          if (left-- <= 0) throw new Error('the process died');
          return real.append(...entry);
        },
      };
      const clusters = new Clusters({ log });
      const { logName } = await busy(clusters);
      const before = Number((await clusters.replicaOf('s1'))!.now());
      await clusters.patch('s1', { clock: { advance: '3h' } });
      left = 5;
      await clusters.settle();
      left = Number.POSITIVE_INFINITY;
      expect((await clusters.object('s1')).status.clock).toMatchObject({ ordered: '3h0m0s' });
      expect((await clusters.object('s1')).status.clock.advanced).toBeUndefined();
      clusters.restart();
      await clusters.settle();
      expect(Number((await clusters.replicaOf('s1'))!.now()) - before).toBe(3 * 3_600_000);
      expect((await jobs({ log: clusters.log, logName })).filter((job) => job.startsWith('+'))).toHaveLength(3);
    });

    it('in one step at first, where it is more than a month', async () => {
      const clusters = new Clusters();
      const { logName } = await busy(clusters);
      const before = Number((await clusters.replicaOf('s1'))!.now());
      await clusters.patch('s1', { suspended: true, clock: { advance: '8760h' } });
      await clusters.settle();
      expect(Number((await clusters.replicaOf('s1'))!.now()) - before).toBe(8_760 * 3_600_000);
      expect(await jobs({ log: clusters.log, logName })).toEqual([]);
    });

    it('that no process has opened yet', async () => {
      const clusters = new Clusters();
      await clusters.create('s1');
      await clusters.patch('s1', { clock: { advance: '3h' } });
      await clusters.settle();
      expect(Number((await clusters.replicaOf('s1'))!.now()) - NOW).toBe(3 * 3_600_000);
    });
  });

  it('resets a cluster once for each order, and the cluster stays what it is', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    const { offset } = (await clusters.replicaOf('s1'))!.state;
    expect((await clusters.patch('s1', { resetTo: 'start' })).json).toMatchObject({
      spec: {},
      status: { phase: 'Resetting', reset: { to: 'start', ordered: 1, completed: 0 } },
    });
    await clusters.settle();
    expect([await namesIn(clusters, 's1'), (await clusters.object('s1')).status.phase]).toEqual([[], 'Ready']);
    await put(clusters, 's1', 'b');
    clusters.restart();
    await clusters.settle();
    expect(await namesIn(clusters, 's1')).toEqual(['b']);
    // What was before stays readable, and so is that to which it goes back.
    expect(await namesIn(clusters, `s1@${offset}`)).toEqual(['a']);
    await clusters.patch('s1', { resetTo: offset });
    await clusters.settle();
    expect(await namesIn(clusters, 's1')).toEqual(['a']);
  });
});

describe('what is refused', () => {
  const invalid = (detail: string) => ({ code: 422, message: expect.stringContaining(detail) });
  it.each([
    { spec: { forkOf: { name: 's1', at: 900 } }, want: invalid('spec.forkOf.at: Invalid value: 900: must not be in the future: the log ends at 10') },
    {
      spec: { forkOf: { name: 's1', at: '2020-01-01T00:00:00Z' } },
      want: invalid('spec.forkOf.at: Invalid value: "2020-01-01T00:00:00Z": must not be before the cluster began'),
    },
    { spec: { forkOf: { name: 's1', at: '2999-01-01T00:00:00Z' } }, want: invalid('must not be in the future') },
    { spec: { forkOf: { name: 's1', at: 'never' } }, want: invalid('spec.forkOf.at: Not found: "never"') },
    { spec: { forkOf: { name: 's1', at: 0 } }, want: invalid('must be greater than or equal to 1') },
    { spec: { forkOf: { name: 'none' } }, want: invalid('spec.forkOf.name: Not found: "none"') },
    { spec: { forkOf: { name: 'going' } }, want: invalid('spec.forkOf.name: Invalid value: "going": must not be being deleted') },
    { spec: { forkOf: { name: 'root' } }, want: invalid('spec.forkOf.name: Invalid value: "root"') },
    { spec: { forkOf: { name: 'A b' } }, want: invalid('spec.forkOf.name: Invalid value: "A b": a lowercase RFC 1123 label') },
    { spec: { forkOf: { name: 's1' }, nodes: 3 }, want: invalid('spec.nodes: Forbidden') },
    { spec: { forkOf: 's1' }, want: { code: 422 } },
    { spec: { ttl: '0s' }, want: invalid('spec.ttl: Invalid value: "0s": must be greater than zero') },
    { spec: { ttl: 'a while' }, want: invalid('spec.ttl: Invalid value: "a while": must be a duration') },
    { spec: { ttl: '1h', expiresAt: '2999-01-01T00:00:00Z' }, want: invalid('spec.expiresAt: Forbidden: may not be set when `ttl` is set') },
    { spec: { expiresAt: '2020-01-01T00:00:00Z' }, want: invalid('spec.expiresAt: Invalid value: "2020-01-01T00:00:00Z": must be in the future') },
    { spec: { retention: '1ms' }, want: invalid('spec.retention: Invalid value: "1ms": must be a second at least') },
    { spec: { eventTTL: '-1h' }, want: invalid('spec.eventTTL: Invalid value: "-1h"') },
    { spec: { clock: { rate: -1 } }, want: invalid('spec.clock.rate: Invalid value: -1') },
    { spec: { clock: { advance: '1h' } }, want: invalid('spec.clock.advance: Forbidden: may not be set on creation') },
    { spec: { resetTo: 'start' }, want: invalid('spec.resetTo: Forbidden: may not be set on creation') },
  ])('a new cluster with $spec', async ({ spec, want }) => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    await clusters.create('going');
    await clusters.request(`DELETE ${CLUSTERS_PATH}/going`);
    const root = (await clusters.replicaOf('root'))!.state.offset;
    expect((await clusters.create('s2', spec)).json).toMatchObject(want);
    expect((await clusters.replicaOf('root'))!.state.offset).toBe(root);
  });

  it.each([
    { name: 'root', why: 'metadata.name: Invalid value: "root": is the cluster in which clusters are kept' },
    { name: 'a.b', why: 'metadata.name: Invalid value: "a.b": must not contain dots' },
  ])('the name $name', async ({ name, why }) => {
    expect((await new Clusters().create(name)).json).toMatchObject({ code: 422, message: expect.stringContaining(why) });
  });

  it.each([
    { spec: { forkOf: { name: 's2' } }, want: invalid('spec.forkOf: Invalid value: {"name":"s2"}: field is immutable') },
    { spec: { nodes: 9 }, want: invalid('spec.nodes: Invalid value: 9: field is immutable') },
    { spec: { resetTo: 999 }, want: invalid('spec.resetTo: Invalid value: 999: must not be in the future') },
    { spec: { resetTo: '2020-01-01T00:00:00Z' }, want: invalid('spec.resetTo: Invalid value: "2020-01-01T00:00:00Z": must not be before the cluster began') },
    { spec: { resetTo: 'nothing' }, want: invalid('spec.resetTo: Not found: "nothing"') },
    { spec: { clock: { advance: '-1h' } }, want: invalid('spec.clock.advance: Invalid value: "-1h": must be greater than zero') },
  ])('a change to $spec', async ({ spec, want }) => {
    const clusters = new Clusters();
    await clusters.create('s1', { nodes: 1 });
    expect((await clusters.patch('s1', spec)).json).toMatchObject(want);
  });

  it('the end of the cluster that the root path shows', async () => {
    const clusters = new Clusters();
    await put(clusters, 'default', 'a');
    expect((await clusters.request(`DELETE ${CLUSTERS_PATH}/default`)).code).toBe(403);
    expect((await clusters.patch('default', { ttl: '1h' })).json).toMatchObject(invalid('spec.ttl: Forbidden: may not be set of the cluster'));
    expect((await clusters.request(`DELETE ${CLUSTERS_PATH}`)).code).toBe(405);
  });

  it('a status that a client writes', async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    const body = { status: { log: 'default' } };
    expect((await clusters.request(`PATCH ${CLUSTERS_PATH}/s1/status`, { body, type: 'application/merge-patch+json' })).code).toBe(405);
    const { json } = await clusters.request(`PATCH ${CLUSTERS_PATH}/s1`, { body, type: 'application/merge-patch+json' });
    expect(json.status.log).toMatch(/^s1~/);
  });

  it('clusters in any cluster but root', async () => {
    const clusters = new Clusters();
    await put(clusters, 'default', 'a');
    expect((await clusters.request('GET /apis/logplane.dev/v1/clusters')).code).toBe(404);
  });
});

describe('credentials', () => {
  const ask = (clusters: Clusters, spec: object, token?: string) =>
    clusters.request(`POST ${CLUSTERS_PATH}/s1/credentials`, {
      body: { apiVersion: 'logplane.dev/v1', kind: 'ClusterCredentials', spec },
      ...(token && { token }),
    });
  const withCluster = async () => {
    const clusters = new Clusters();
    await clusters.create('s1');
    await put(clusters, 's1', 'a');
    await clusters.create('s2');
    return clusters;
  };

  it('are good for their cluster, as their user, and for nothing else', async () => {
    const clusters = await withCluster();
    const { json } = await ask(clusters, { user: 'anna', groups: ['system:masters'] });
    const { token, kubeconfig } = json.status;
    const code = async (line: string) => (await clusters.request(line, { token })).code;
    expect([
      await code(`GET ${configMaps('s1')}`),
      await code(`GET ${configMaps('s2')}`),
      await code(`GET ${CLUSTERS_PATH}`),
      await code('GET /api/v1/nodes'),
    ]).toEqual([200, 401, 401, 401]);
    expect(kubeconfig).toContain('server: https://host.test/clusters/s1');
    const review = await clusters.request('POST /clusters/s1/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      token,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    expect(review.json.status.userInfo).toMatchObject({ username: 'anna', groups: ['system:masters', 'system:authenticated'] });
  });

  it('end with their time', async () => {
    const clusters = await withCluster();
    const { json } = await ask(clusters, { groups: ['system:masters'], expirationSeconds: 600 });
    const code = async () => (await clusters.request(`GET ${configMaps('s1')}`, { token: json.status.token })).code;
    clusters.clock.advance(599_000);
    expect(await code()).toBe(200);
    clusters.clock.advance(1_000);
    expect(await code()).toBe(401);
  });

  it('outlive a reset, and end with their cluster: another one of its name does not take them', async () => {
    const clusters = await withCluster();
    const { json } = await ask(clusters, { groups: ['system:masters'] });
    const code = async () => (await clusters.request(`GET ${configMaps('s1')}`, { token: json.status.token })).code;
    await clusters.patch('s1', { resetTo: 'start' });
    await clusters.settle();
    expect(await code()).toBe(200);
    await clusters.request(`DELETE ${CLUSTERS_PATH}/s1`);
    await clusters.settle();
    expect(await code()).toBe(404);
    await clusters.create('s1');
    expect(await code()).toBe(401);
  });

  it('are made by who may create them, and of the system by administrators alone', async () => {
    const clusters = await withCluster();
    expect((await ask(clusters, {}, 'alice')).code).toBe(403);
    const rbac = '/clusters/root/apis/rbac.authorization.k8s.io/v1';
    const kinds = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'teachers' } };
    const rules = [{ apiGroups: ['logplane.dev'], resources: ['clusters/credentials'], verbs: ['create'] }];
    await clusters.request(`POST ${rbac}/clusterroles`, { body: { ...kinds, kind: 'ClusterRole', rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'teachers' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' }];
    await clusters.request(`POST ${rbac}/clusterrolebindings`, { body: { ...kinds, kind: 'ClusterRoleBinding', roleRef, subjects } });
    expect((await ask(clusters, { user: 'anna', groups: ['students'] }, 'alice')).code).toBe(201);
    for (const spec of [{ groups: ['system:masters'] }, { user: 'system:kube-controller-manager' }])
      expect((await ask(clusters, spec, 'alice')).code).toBe(403);
  });

  it.each([
    { spec: { expirationSeconds: 60 }, want: 'spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes' },
    { spec: { expirationSeconds: 2 ** 33 }, want: 'may not specify a duration larger than 2^32 seconds' },
    { spec: { user: '' }, want: 'spec.user: Invalid value: ""' },
    { spec: { groups: 'students' }, want: 'spec.groups' },
  ])('of $spec are refused', async ({ spec, want }) => {
    expect((await ask(await withCluster(), spec)).json.message).toContain(want);
  });
});
