import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { type Mutation, update } from '../apis/mutation.ts';
import { type Env, idsFrom } from '../env.ts';
import { clusterInstant, elapsedAt, plus, realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { EventLog, LogEntry } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import type { ConfigMap } from '../schema/generated/kinds.ts';
import { decision } from '../testing/decisions.ts';
import type { Attributed, Failure, Pass, PassResult, Reconciler } from './reconciler.ts';
import { Runner } from './runner.ts';

const START = clusterInstant('2026-01-01T00:00:00Z');

function testEnv() {
  let now: number = START;
  let n = 0;
  const random = { next: () => 0.5 };
  const clock = { now: () => realInstant(now), elapsed: () => elapsedAt(now), sleep: async () => {}, turn: async () => {} };
  const env: Env = { clock, random, ids: idsFrom(random, () => `uid-${++n}`) };
  return { env, pass: (ms: number) => (now += ms) };
}

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const creation = (name: string, data?: Record<string, string>): Attributed => ({
  type: 'create',
  resource: 'configmaps',
  object: configMap(name, data),
  actor: userNamed('me'),
});

/** A cluster, a reconciler that a test writes, and what it was shown. */
async function setUp(answer: (pass: Pass) => Partial<PassResult>, { log = memoryLog(), historyLimit }: { log?: EventLog; historyLimit?: number } = {}) {
  const { env, pass } = testEnv();
  const open = () => Replica.open({ log, cluster: 'c', env, freeze: true, ...(historyLimit && { history: { limit: historyLimit } }) });
  const replica = await open();
  const client = async (of: Replica, ...mutations: Mutation[]) => {
    for (const mutation of mutations)
      await of.commit((state, now) => ({ events: decision(state, mutation, { env, now, actor: userNamed('client') }).events, answer: () => 0 }));
  };
  await client(replica, { type: 'create', resource: 'namespaces', object: namespace });
  const shown: { changes: string[] | undefined; due: readonly string[]; failures: string[] }[] = [];
  const reconciler: Reconciler = {
    name: 'test',
    reconcile(now) {
      shown.push({
        changes: now.changes?.map(({ type, key }) => `${type} ${key.replace('configmaps/default/', '')}`),
        due: now.due,
        failures: now.failures.map(({ status }) => status.message!),
      });
      return { mutations: [], wakeups: new Map(), ...answer(now) };
    },
  };
  const refused: Failure[] = [];
  const runner = new Runner({ admissionPlugins: defaultAdmissionPlugins, replica, reconciler, env, refused: (failure) => refused.push(failure) });
  const entries = async () => {
    const out: LogEntry[] = [];
    for await (const entry of log.read('c', { after: 0 })) out.push(entry);
    return out.map(({ events }) => events.map(({ key }) => key.replace('configmaps/default/', '')));
  };
  return {
    env,
    pass,
    log,
    replica,
    open,
    client,
    runner,
    shown,
    refused,
    entries,
    names: () => replica.state.list('configmaps').map(({ metadata }) => metadata.name),
  };
}

/** For `x0` it makes `x1`, for that `x2`, and so on up to `last`. */
const chain =
  (last: number) =>
  ({ state }: Pass): Partial<PassResult> => ({
    mutations: state
      .list('configmaps')
      .map(({ metadata }) => Number(metadata.name.slice(1)) + 1)
      .filter((n) => n <= last && !state.get('configmaps', 'default', `x${n}`))
      .map((n) => creation(`x${n}`)),
  });

describe('a run', () => {
  it('looks at everything first, then only at what changed, and appends once for a whole chain', async () => {
    const { runner, client, replica, shown, entries } = await setUp(chain(3));
    await runner.run();
    await client(replica, creation('x0'));
    await runner.run();
    await runner.run();
    expect(await entries()).toEqual([['namespaces//default'], ['x0'], ['x1', 'x2', 'x3']]);
    expect(shown.map(({ changes }) => changes)).toEqual([undefined, ['ADDED x0'], ['ADDED x1'], ['ADDED x2'], ['ADDED x3']]);
  });

  it('is folded once: what its rounds have seen is what stands in the log', async () => {
    const seen: (KubeObject | undefined)[] = [];
    const { runner, replica, open, names, client } = await setUp((pass) => {
      seen.push(pass.state.get('configmaps', 'default', 'x1'));
      return chain(3)(pass);
    });
    await client(replica, creation('x0'));
    await runner.run();
    expect(names()).toEqual(['x0', 'x1', 'x2', 'x3']);
    expect(replica.state.get('configmaps', 'default', 'x1')).toBe(seen.findLast((object) => object !== undefined));
    const { state } = await open();
    expect([replica.state.offset, replica.state.time, replica.state.aheadMinutes]).toEqual([state.offset, state.time, state.aheadMinutes]);
    expect(replica.state.list('configmaps')).toEqual(state.list('configmaps'));
  });

  it('is not repeated for what others wrote meanwhile and it has not read; that is looked at in the next pass, and its own entry is not', async () => {
    const log = memoryLog();
    let meanwhile: (() => Promise<void>) | undefined;
    const busy: EventLog = {
      ...log,
      async append(cluster, request) {
        const first = meanwhile;
        if (request.events.some(({ key }) => key === 'configmaps/default/x1')) meanwhile = undefined;
        if (!meanwhile) await first?.();
        return log.append(cluster, request);
      },
    };
    const wantX1 = ({ state }: Pass): Partial<PassResult> => ({
      mutations: state.get('configmaps', 'default', 'x0') && !state.get('configmaps', 'default', 'x1') ? [creation('x1')] : [],
    });
    const { runner, client, replica, open, shown, entries } = await setUp(wantX1, { log: busy });
    const other = await open();
    await runner.run();
    await client(replica, creation('x0'));
    shown.length = 0;
    meanwhile = () => client(other, creation('foreign'), creation('another'));
    await runner.run();
    expect(await entries()).toEqual([['namespaces//default'], ['x0'], ['foreign'], ['another'], ['x1']]);
    expect(shown.map(({ changes }) => changes)).toEqual([['ADDED x0'], ['ADDED x1'], ['ADDED foreign', 'ADDED another']]);
  });

  it('is over at once when nothing happened', async () => {
    const { runner, shown } = await setUp(() => ({}));
    await runner.run();
    const looks = shown.length;
    expect(await runner.run()).toBeUndefined();
    expect(shown.length).toBe(looks);
  });

  it('sees what other replicas wrote', async () => {
    const { runner, client, open, names } = await setUp(chain(1));
    await runner.run();
    await client(await open(), creation('x0'));
    await runner.run();
    expect(names()).toEqual(['x0', 'x1']);
  });

  it('says who wrote, and because of what', async () => {
    const { runner, log } = await setUp(({ state }) => ({
      mutations: state.get('configmaps', 'default', 'a') ? [] : [{ ...creation('a'), actor: userNamed('it'), cause: 1 }],
    }));
    await runner.run();
    for await (const { events } of log.read('c', { after: 1 })) expect(events).toMatchObject([{ actor: userNamed('it'), cause: 1 }]);
  });

  it('decides again when another writer was first', async () => {
    const inner = memoryLog();
    let race: (() => Promise<void>) | undefined;
    const log: EventLog = {
      ...inner,
      append: async (cluster, append) => {
        const first = race;
        race = undefined;
        await first?.();
        return inner.append(cluster, append);
      },
    };
    // It makes as many as are missing of three, whatever their names.
    let drawn = 0;
    const fill = ({ state }: Pass) => ({ mutations: Array.from({ length: 3 - state.list('configmaps').length }, () => creation(`mine-${drawn++}`)) });
    const { runner, client, open, names, entries } = await setUp(fill, { log });
    const other = await open();
    race = () => client(other, creation('theirs-0'), creation('theirs-1'));
    await runner.run();
    expect(names()).toEqual(['mine-3', 'theirs-0', 'theirs-1']);
    expect((await entries()).length).toBe(4);
  });

  it('fails with a bug of the reconciler, writes nothing, and can be repeated', async () => {
    let broken = true;
    const { runner, names, entries } = await setUp(({ state }) => {
      if (broken && state.get('configmaps', 'default', 'a')) throw new TypeError('bug');
      return { mutations: state.get('configmaps', 'default', 'a') ? [] : [creation('a')] };
    });
    await expect(runner.run()).rejects.toThrow('bug');
    expect(await entries()).toEqual([['namespaces//default']]);
    broken = false;
    await runner.run();
    expect(names()).toEqual(['a']);
  });
});

describe('mutations of one round', () => {
  const there = configMap('a', { x: '1', y: '1' });
  const updated = (change: (object: ConfigMap) => ConfigMap, more: object = {}): Attributed => ({
    type: 'update',
    resource: 'configmaps',
    object: change(there),
    actor: userNamed('me'),
    ...more,
  });
  const data = (values: object) => (object: ConfigMap) => ({ ...object, data: { ...object.data, ...values } });

  it.each([
    { name: 'of different fields both hold', mutations: [updated(data({ x: '2' })), updated(data({ y: '2' }))], want: { x: '2', y: '2' } },
    { name: 'of the same field: the last holds', mutations: [updated(data({ x: '2' })), updated(data({ x: '3' }))], want: { x: '3', y: '1' } },
    {
      name: 'one of which takes a field out',
      mutations: [updated(data({ x: '2' })), updated((object) => ({ ...object, data: { x: '1' } }))],
      want: { x: '2' },
    },
  ])('$name', async ({ mutations, want }) => {
    const { runner, client, replica } = await setUp(({ changes }) => (changes === undefined ? { mutations } : {}));
    await client(replica, { type: 'create', resource: 'configmaps', object: there });
    await runner.run();
    expect(replica.state.get('configmaps', 'default', 'a')!['data']).toEqual(want);
  });

  it('that change a status and the rest both hold', async () => {
    const node = (more: object): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, ...more });
    const { runner, client, replica } = await setUp(({ changes }) => ({
      mutations:
        changes === undefined
          ? [
              { type: 'update', resource: 'nodes', object: node({ spec: { unschedulable: true } }), actor: userNamed('me') },
              { type: 'update', resource: 'nodes', subresource: 'status', object: node({ status: { phase: 'Running' } }), actor: userNamed('me') },
            ]
          : [],
    }));
    await client(replica, { type: 'create', resource: 'nodes', object: node({}) });
    await runner.run();
    expect(replica.state.get('nodes', undefined, 'n')).toMatchObject({ spec: { unschedulable: true }, status: { phase: 'Running' } });
  });

  it('that concern what another of them deleted are not missed', async () => {
    const deletion: Attributed = { type: 'delete', resource: 'configmaps', namespace: 'default', name: 'a', actor: userNamed('me') };
    const { runner, client, replica, names, refused } = await setUp(({ changes }) => ({
      mutations: changes === undefined ? [deletion, deletion, updated(data({ x: '2' }))] : [],
    }));
    await client(replica, { type: 'create', resource: 'configmaps', object: there });
    await runner.run();
    expect([names(), refused]).toEqual([[], []]);
  });

  it('that insist on a version fail when another was first', async () => {
    const { runner, client, replica, refused } = await setUp(({ changes, state }) => {
      const { resourceVersion } = state.get('configmaps', 'default', 'a')!.metadata;
      const versioned = (object: KubeObject) => ({ ...data({ y: '2' })(object), metadata: { ...object.metadata, resourceVersion: resourceVersion! } });
      return changes === undefined ? { mutations: [updated(data({ x: '2' })), updated(versioned)] } : {};
    });
    await client(replica, { type: 'create', resource: 'configmaps', object: there });
    await runner.run();
    expect(refused.map(({ status }) => status.reason)).toEqual(['Conflict']);
  });
});

describe('a chain that is longer than a pass', () => {
  it.each([19, 20, 21, 45])('comes to its end (%i links)', async (last) => {
    const { runner, client, replica, names, shown } = await setUp(chain(last));
    await client(replica, creation('x0'));
    await runner.run();
    expect(names()).toHaveLength(last + 1);
    const seen = new Set(shown.flatMap(({ changes }) => changes ?? []));
    for (let n = 1; n <= last; n++) expect(seen).toContain(`ADDED x${n}`);
  });

  it('that has no end lets others have their turn', async () => {
    const { runner, client, replica } = await setUp(chain(Number.POSITIVE_INFINITY));
    await client(replica, creation('x0'));
    expect(await runner.run()).toBe(START);
  });
});

it('What is too much for an entry is divided, and looked at all the same', async () => {
  const answer = ({ changes, state }: Pass): Partial<PassResult> => {
    if (changes === undefined && state.list('configmaps').length === 0) return { mutations: Array.from({ length: 6_000 }, (_, i) => creation(`a${i}`)) };
    const firsts = changes?.filter(({ key }) => key.startsWith('configmaps/default/a')) ?? [];
    return { mutations: firsts.map(({ object }) => creation(object.metadata.name.replace('a', 'b'))) };
  };
  const { runner, names, entries } = await setUp(answer);
  await runner.run();
  expect(new Set(names()).size).toBe(12_000);
  expect((await entries()).map((keys) => keys.length)).toEqual([1, 6_000, 6_000]);
});

it('A reconciler that lags behind the kept history looks at everything', async () => {
  const { runner, client, replica, shown } = await setUp(() => ({}), { historyLimit: 3 });
  await runner.run();
  await client(replica, ...Array.from({ length: 10 }, (_, i) => creation(`x${i}`)));
  await runner.run();
  expect(shown.at(-1)!.changes).toBeUndefined();
});

describe('wake-ups', () => {
  it('come when it is time, for each key the newest that was asked for', async () => {
    const { runner, pass, shown } = await setUp(({ changes, due }) => {
      if (changes === undefined)
        return {
          wakeups: new Map([
            ['a', plus(START, 1000)],
            ['b', plus(START, 5000)],
          ]),
        };
      return due.includes('a') ? { wakeups: new Map([['b', plus(START, 3000)]]) } : {};
    });
    expect(await runner.run()).toBe(START + 1000);
    expect(await runner.run()).toBe(START + 1000);
    pass(1000);
    expect(await runner.run()).toBe(START + 3000);
    expect(shown.at(-1)).toEqual({ changes: [], due: ['a'], failures: [] });
    pass(2000);
    expect(await runner.run()).toBeUndefined();
    expect(shown.at(-1)!.due).toEqual(['b']);
  });

  it('are taken back with undefined', async () => {
    const { runner, client, replica } = await setUp(({ changes }) => ({ wakeups: new Map([['a', changes === undefined ? plus(START, 1000) : undefined]]) }));
    expect(await runner.run()).toBe(START + 1000);
    await client(replica, creation('x'));
    expect(await runner.run()).toBeUndefined();
  });

  it('that are due at once come in the next pass', async () => {
    let left = 5;
    const { runner, names } = await setUp(({ due, changes, now }) =>
      changes === undefined || due.length > 0 ? { mutations: [creation(`x${left}`)], wakeups: new Map(--left > 0 ? [['rest', now]] : []) } : {},
    );
    await runner.run();
    expect(names()).toEqual(['x1', 'x2', 'x3', 'x4', 'x5']);
  });
});

describe('a mutation that is refused', () => {
  it('leaves the others standing, is told to the reconciler in the next round, and to the host', async () => {
    const { runner, names, shown, refused } = await setUp(({ changes, failures }) =>
      changes === undefined && failures.length === 0 ? { mutations: [creation('a'), creation('a'), creation('b')] } : {},
    );
    await runner.run();
    expect(names()).toEqual(['a', 'b']);
    expect(shown.at(-1)).toEqual({ changes: ['ADDED a', 'ADDED b'], due: [], failures: ['configmaps "a" already exists'] });
    expect(refused[0]).toMatchObject({ mutation: { object: { metadata: { name: 'a' } } }, status: { reason: 'AlreadyExists' } });
  });

  it('in the last round of a pass is told in the next pass', async () => {
    const { runner, client, replica, shown } = await setUp((pass) => {
      const { mutations = [] } = chain(20)(pass);
      return { mutations: mutations.flatMap((mutation) => (JSON.stringify(mutation).includes('x20') ? [mutation, mutation] : [mutation])) };
    });
    await client(replica, creation('x0'));
    await runner.run();
    expect(shown.filter(({ failures }) => failures.length > 0).map(({ failures }) => failures)).toContainEqual(['configmaps "x20" already exists']);
  });

  it('again and again does not keep the runner busy', async () => {
    const { runner, shown } = await setUp(() => ({ mutations: [creation('x', { not: 'valid' }), { ...creation(''), actor: userNamed('me') }] }));
    await runner.run();
    expect(shown.length).toBeLessThan(10);
  });
});

describe('a pass that another writer comes before', () => {
  /** Labels each ConfigMap that it is shown or that is due, each for itself; `last` copies what `first` holds. `meanwhile` happens once it has decided for the first time. */
  async function labelling(meanwhile: (log: EventLog) => Promise<void>) {
    const inner = memoryLog();
    let isFirst = true;
    const log: EventLog = {
      ...inner,
      async append(cluster, wanted) {
        if (isFirst && wanted.events.some(({ actor }) => actor.username === 'me')) {
          isFirst = false;
          await meanwhile(inner);
        }
        return inner.append(cluster, wanted);
      },
    };
    const decided: string[] = [];
    const cluster = await setUp(
      ({ state, stateFor, changes, due }) => {
        const known = state.observed(undefined);
        const keys = changes?.map(({ key }) => key) ?? known.list('configmaps').map(({ metadata }) => `configmaps/default/${metadata.name}`);
        const mutations = [...new Set([...keys, ...due])].flatMap((part): Attributed[] => {
          const name = part.split('/')[2]!;
          const object = stateFor!(part).get('configmaps', 'default', name);
          if (!object?.data || object.data['seen'] === object.data['n']) return [];
          decided.push(name);
          const of = name === 'last' ? stateFor!(part).get('configmaps', 'default', 'first')!.data!['n'] : '';
          const { resourceVersion: _, ...metadata } = object.metadata;
          const data = { ...object.data, seen: object.data['n']!, ...(of && { of }) };
          return [{ ...update('configmaps', { ...object, metadata, data }), actor: userNamed('me'), part }];
        });
        return { mutations };
      },
      { log },
    );
    const names = ['first', 'middle', 'last'];
    await cluster.client(cluster.replica, ...names.map((name) => creation(name, { n: '1' })));
    await cluster.runner.run();
    const { state } = await cluster.open();
    return {
      decided,
      data: Object.fromEntries(names.map((name) => [name, state.get('configmaps', 'default', name)!.data!])),
      entries: await cluster.entries(),
    };
  }

  const touching =
    (...names: string[]) =>
    async (log: EventLog) => {
      let after = 0;
      for await (const { offset, events } of log.read('c', { after })) after = offset + events.length - 1;
      const events = names.map((name): LogEntry['events'][number] => ({
        type: 'MODIFIED',
        key: `configmaps/default/${name}`,
        patch: { data: { n: '2' } },
        actor: userNamed('other'),
      }));
      await log.append('c', { after, events, writer: 'other', time: START });
    };

  it.each([
    { touched: ['middle'], again: ['middle'] },
    { touched: ['last'], again: ['last'] },
    { touched: ['middle', 'last'], again: ['middle', 'last'] },
  ])('keeps what it decided for the others, and decides again for $touched', async ({ touched, again }) => {
    const { decided, data, entries } = await labelling(touching(...touched));
    expect(decided).toEqual(['first', 'last', 'middle', ...again]);
    for (const [name, { n, seen }] of Object.entries(data)) expect([name, seen]).toEqual([name, n]);
    // What stands comes right behind the other's entry, what was decided again after that.
    expect(entries.slice(-2)).toEqual([['first', 'last', 'middle'].filter((name) => !touched.includes(name)), again]);
  });

  it('decides again for what rests on what was touched', async () => {
    const { decided, data } = await labelling(touching('first'));
    expect(decided).toEqual(['first', 'last', 'middle', 'first', 'last']);
    expect(data['last']).toMatchObject({ of: '2' });
  });
});
