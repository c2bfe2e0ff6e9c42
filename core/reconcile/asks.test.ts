import { describe, expect, it } from 'vitest';
import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { controllersReconciler } from '../controllers/registry.ts';
import type { Env } from '../env.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { Replica } from '../replica/replica.ts';
import type { ConfigMap, Pod, ReplicaSet } from '../schema/generated/kinds.ts';
import { askingPlugin, Oracle, TIMEOUT_MS } from '../testing/asking.ts';
import { TestClock } from '../testing/clock.ts';
import { decision } from '../testing/decisions.ts';
import { seededEnv } from '../testing/env.ts';
import { resourceNameOf } from '../testing/state.ts';
import type { Attributed, Pass, Reconciler } from './reconciler.ts';
import { Runner } from './runner.ts';

/** Mutations of reconcilers whose admission asks (docs/decisions/0018-asks.md). */

async function setUp(reconciler: Reconciler) {
  const clock = new TestClock(Date.parse('2026-01-01T00:00:00Z'));
  const env: Env = { ...seededEnv(), clock };
  const replica = await Replica.open({ log: memoryLog(), cluster: 'c', env, freeze: true });
  const put = (object: KubeObject, type: 'create' | 'update' = 'create') =>
    replica.commit((state, now) => ({
      events: decision(state, { type, resource: resourceNameOf(object), object }, { env, now, actor: userNamed('client') }).events,
      answer: () => undefined,
    }));
  await put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  const oracle = new Oracle();
  const refused: string[] = [];
  const runner = new Runner({
    replica,
    reconciler,
    env,
    admissionPlugins: [...defaultAdmissionPlugins, askingPlugin()],
    ask: oracle.ask,
    refused: ({ status }) => refused.push(status.message!),
  });
  const names = (resource: string) => replica.state.list(resource).map(({ metadata }) => metadata.name);
  /** Lets the runner go on with what it has been answered. */
  const goOn = async (until: () => boolean) => {
    for (let i = 0; i < 1000 && !until(); i++) {
      clock.advance(250);
      await clock.turn();
    }
    expect(until()).toBe(true);
  };
  return { clock, replica, put, oracle, refused, runner, names, goOn };
}

const configMap = (name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: {} });
const secret = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' } });
const creation = (object: KubeObject): Attributed => ({ type: 'create', resource: resourceNameOf(object), object, actor: userNamed('me') });

/** Wants a ConfigMap, of which its runner has to ask, and a Secret. */
const wanting = (seen: Pass[] = []): Reconciler => ({
  name: 'test',
  reconcile(pass) {
    seen.push(pass);
    const { state, waiting, failures } = pass;
    const wanted = [configMap('asked'), secret('unasked')].filter(
      (object) =>
        failures.length === 0 &&
        !state.get(resourceNameOf(object), 'default', object.metadata.name) &&
        ![...waiting].some((mutation) => mutation.type === 'create' && mutation.resource === resourceNameOf(object)),
    );
    return { mutations: wanted.map(creation), wakeups: new Map() };
  },
});

describe('a mutation that has to be asked about', () => {
  it('waits while the others are appended, and is appended as it was asked about', async () => {
    const { oracle, runner, names, goOn, replica } = await setUp(wanting());
    const run = runner.run();
    await oracle.askedTimes(1);
    await goOn(() => names('secrets').length === 1);
    expect([names('secrets'), names('configmaps')]).toEqual([['unasked'], []]);
    oracle.answer();
    await goOn(() => names('configmaps').length === 1);
    await run;
    expect(replica.state.get('configmaps', 'default', 'asked')!.metadata.uid).toBe(oracle.asked[0]!.object!.metadata.uid);
    expect(oracle.asked.length).toBe(1);
  });

  it.each([
    { allowed: true, want: ['told'] },
    { allowed: false, want: [] },
  ])('is told of once it has been answered, if it comes about: $allowed', async ({ allowed, want }) => {
    const telling: Reconciler = {
      name: 'test',
      reconcile: (pass) => {
        const { mutations, wakeups } = wanting().reconcile(pass);
        const tells = { ...creation(secret('told')), tellsOf: ['configmaps/default/asked'] };
        return { mutations: mutations.length === 2 ? [...mutations, tells] : mutations, wakeups };
      },
    };
    const { oracle, runner, names, goOn, refused } = await setUp(telling);
    const run = runner.run();
    await oracle.askedTimes(1);
    await goOn(() => names('secrets').length === 1);
    expect(names('secrets')).toEqual(['unasked']);
    oracle.answer({ allowed });
    await goOn(() => names('configmaps').length + refused.length === 1);
    await run;
    expect(names('secrets').filter((name) => name !== 'unasked')).toEqual(want);
  });

  it('is refused, and its reconciler told, when the answer says so or none comes in time', async () => {
    const { oracle, runner, refused, goOn, clock, names } = await setUp(wanting());
    const denied = runner.run();
    await oracle.askedTimes(1);
    oracle.answer({ allowed: false });
    await goOn(() => refused.length === 1);
    await denied;
    const again = await setUp(wanting());
    const late = again.runner.run();
    await again.oracle.askedTimes(1);
    again.clock.advance(TIMEOUT_MS);
    await again.goOn(() => again.refused.length === 1);
    await late;
    expect([...refused, ...again.refused]).toEqual([
      'configmaps "asked" is forbidden: denied',
      'configmaps "asked" is forbidden: no answer: Post "https://policy.example/?timeout=10s": context deadline exceeded',
    ]);
    expect([names('configmaps'), clock.sleepers]).toEqual([[], 0]);
  });

  it('leaves what others did to its object meanwhile, and is asked about anew then', async () => {
    const labelling: Reconciler = {
      name: 'test',
      reconcile: ({ state, waiting }) => {
        const object = state.get('configmaps', 'default', 'a');
        const wants = object && !object.metadata.labels?.['mine'] && waiting.size === 0;
        const { resourceVersion: _, ...metadata } = object?.metadata ?? { name: '' };
        const labelled = { ...object!, metadata: { ...metadata, labels: { ...metadata.labels, mine: 'yes' } } };
        return { mutations: wants ? [{ type: 'update', resource: 'configmaps', object: labelled, actor: userNamed('me') }] : [], wakeups: new Map() };
      },
    };
    const { oracle, runner, put, goOn, replica } = await setUp(labelling);
    await put(configMap('a'));
    const run = runner.run();
    await oracle.askedTimes(1);
    const theirs: ConfigMap = { ...configMap('a'), data: { theirs: 'too' } };
    await put(theirs, 'update');
    oracle.answer();
    await goOn(() => oracle.asked.length === 2);
    oracle.answer();
    await goOn(() => replica.state.get('configmaps', 'default', 'a')!.metadata.labels !== undefined);
    await run;
    expect(replica.state.get('configmaps', 'default', 'a')).toMatchObject({ metadata: { labels: { mine: 'yes' } }, data: { theirs: 'too' } });
  });
});

it('The pods of a ReplicaSet are admitted as those of a client: complete, each once, and no more of them are made while they wait', async () => {
  const { oracle, runner, put, goOn, names, replica } = await setUp(controllersReconciler());
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
  await put(replicaSet);
  const run = runner.run();
  const pods = () => oracle.asked.filter(({ object }) => object!.kind === 'Pod');
  await goOn(() => pods().length === 2);
  // Something about the ReplicaSet changes while its pods wait.
  await put({ ...replicaSet, metadata: { ...replicaSet.metadata, labels: { changed: 'yes' } } }, 'update');
  await goOn(() => replica.state.get('replicasets.apps', 'default', 'web')!.metadata.labels?.['changed'] === 'yes');
  while (oracle.isAsked) oracle.answer();
  await goOn(() => names('pods').length === 2);
  await goOn(() => {
    while (oracle.isAsked) oracle.answer();
    return replica.state.get('replicasets.apps', 'default', 'web')!.status?.replicas === 2;
  });
  await run;
  expect(
    pods()
      .map(({ object }) => object!.metadata.name)
      .sort(),
  ).toEqual(names('pods'));
  for (const { object } of pods()) {
    const { spec } = object as Pod;
    expect(spec).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      restartPolicy: 'Always',
      containers: [{ imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log' }],
    });
    expect(spec!.tolerations!.length).toBe(2);
  }
});

it('A ReplicaSet whose pod is refused by what had to be asked says so, and does not try again at once', async () => {
  const { oracle, runner, put, goOn, names, replica } = await setUp(controllersReconciler());
  await put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  } as ReplicaSet);
  const run = runner.run();
  let answered = 0;
  const conditions = () => replica.state.get('replicasets.apps', 'default', 'web')!.status?.conditions;
  await goOn(() => {
    while (oracle.isAsked) oracle.answer(oracle.asked[answered++]!.object!.kind === 'Pod' ? { allowed: false } : undefined);
    return conditions() !== undefined;
  });
  await run;
  expect(conditions()).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: expect.stringMatching(/ is forbidden: denied$/) },
  ]);
  const events = replica.state.list('events').map(({ reason, message }) => `${reason}: ${message}`);
  expect(events).toContainEqual(expect.stringMatching(/^FailedCreate: Error creating: .* is forbidden: denied$/));
  expect([names('pods'), oracle.asked.filter(({ object }) => object!.kind === 'Pod').length]).toEqual([[], 1]);
});
