import { describe, expect, it } from 'vitest';
import type { Mutation } from '../apis/mutation.ts';
import { type Env, idsFrom, systemEnv } from '../env.ts';
import { realInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { EventObject } from '../schema/generated/kinds.ts';
import { State } from '../state/state.ts';
import { stateOf } from '../testing/state.ts';
import { EventRecorder, eventObject } from './event-recorder.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** Chance that gives these numbers, over and over. */
function envOf(...numbers: number[]): Env {
  let i = 0;
  const random = { next: () => numbers[i++ % numbers.length]! };
  return { clock: { ...systemEnv.clock, now: () => realInstant(now) }, random, ids: idsFrom(random) };
}

const web: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u-1', resourceVersion: '7' } };
const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'u-2', resourceVersion: '3' } };

/** A state in which an Event has this name already. */
const stateWithEvent = (name: string): State => stateOf([{ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'shop' } }]);

const objectsOf = (mutations: readonly Mutation[]) => mutations.map((mutation) => ('object' in mutation ? mutation.object : web) as EventObject);

describe('eventObject', () => {
  it('is about the object, in its namespace', () => {
    const { resource, object } = eventObject({
      regarding: web,
      fieldPath: 'spec.containers{web}',
      type: 'Normal',
      reason: 'Started',
      message: 'Started container web',
      component: 'kubelet',
      host: 'node-1',
      now,
      env: envOf(0.5),
    });
    expect(resource).toBe('events');
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/), namespace: 'shop' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u-1', resourceVersion: '7', fieldPath: 'spec.containers{web}' },
      type: 'Normal',
      reason: 'Started',
      message: 'Started container web',
      source: { component: 'kubelet', host: 'node-1' },
      reportingComponent: 'kubelet',
      reportingInstance: 'node-1',
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:05Z',
      count: 1,
    });
  });

  it('of a cluster-scoped object is in the namespace default', () => {
    const { object } = eventObject({ regarding: node, type: 'Normal', reason: 'NodeReady', message: 'x', component: 'kubelet', now, env: envOf(0) });
    expect(object.metadata.namespace).toBe('default');
    expect(object.involvedObject.namespace).toBeUndefined();
  });

  it('has names in the order of time, then of the version of the object, then of sequence, whatever chance says', () => {
    const bound = { ...web, metadata: { ...web.metadata, resourceVersion: '8' } };
    const name = (regarding: KubeObject, now: number, sequence: number, chance: number) =>
      eventObject({ regarding, type: 'Normal', reason: 'r', message: 'm', component: 'c', sequence, now, env: envOf(chance) }).object.metadata.name;
    const names = [name(web, now, 0, 0.99), name(web, now, 1, 0), name(web, now, 63, 0.99), name(bound, now, 0, 0), name(web, now + 1, 0, 0)];
    expect(names.toSorted()).toEqual(names);
    expect(new Set(names).size).toBe(5);
  });
});

describe('EventRecorder', () => {
  it('combines what is alike from the tenth on', () => {
    const recorder = new EventRecorder({ state: State.empty, component: 'replicaset-controller', now, env: envOf(0.1) });
    for (let i = 0; i < 1000; i++) recorder.normal(web, 'SuccessfulCreate', `Created pod: web-${i}`);
    recorder.warning(web, 'FailedCreate', 'no');
    const events = objectsOf(recorder.mutations());
    expect(events.map((event) => [event.message, event.count]).slice(8)).toEqual([
      ['Created pod: web-8', 1],
      ['(combined from similar events): Created pod: web-999', 991],
      ['no', 1],
    ]);
  });

  it('keeps ten as they are', () => {
    const recorder = new EventRecorder({ state: State.empty, component: 'c', now, env: envOf(0.1) });
    for (let i = 0; i < 10; i++) recorder.normal(web, 'SuccessfulCreate', `Created pod: web-${i}`);
    expect(objectsOf(recorder.mutations()).map((event) => event.message)).toEqual(Array.from({ length: 10 }, (_, i) => `Created pod: web-${i}`));
  });

  it('does not take a name that is taken', () => {
    const first = eventObject({ regarding: web, type: 'Normal', reason: 'r', message: 'm', component: 'c', now, env: envOf(0.1) }).object.metadata.name;
    const recorder = new EventRecorder({ state: stateWithEvent(first), component: 'c', now, env: envOf(0.1, 0.2) });
    recorder.normal(web, 'r', 'm');
    expect(objectsOf(recorder.mutations())[0]!.metadata.name).toBe(
      eventObject({ regarding: web, type: 'Normal', reason: 'r', message: 'm', component: 'c', now, env: envOf(0.2) }).object.metadata.name,
    );
  });

  it('counts a warning that is repeated', () => {
    const refused = (state: State, at: number) => {
      const recorder = new EventRecorder({ state, component: 'c', now: at, env: envOf(0.1) });
      recorder.warning(web, 'FailedCreate', 'Error creating: no');
      return recorder.mutations()[0]!;
    };
    const first = refused(State.empty, now);
    const event = first.type === 'create' ? first.object : web;
    const state = stateOf([event]);
    expect(refused(state, now + 60_000)).toEqual({ type: 'update', resource: 'events', object: { ...event, count: 2, lastTimestamp: '2026-01-02T03:05:05Z' } });
  });

  it('tells warnings apart that say different things', () => {
    const recorder = new EventRecorder({ state: State.empty, component: 'c', now, env: envOf(0.1) });
    recorder.warning(web, 'FailedCreate', 'one');
    recorder.warning(web, 'FailedCreate', 'two');
    expect(new Set(recorder.mutations().map((mutation) => mutation.type === 'create' && mutation.object.metadata.name)).size).toBe(2);
  });
});
