import { expect, it } from 'vitest';
import { creation, update } from '../apis/mutation.ts';
import type { EventObject, Pod } from '../schema/generated/kinds.ts';
import { kept, outcome, pod, stateWith } from '../testing/decisions.ts';

const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }];
const there = stateWith(kept({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } }));

const made = (name: string, app = 'web', owners: Pod['metadata']['ownerReferences'] = ownerReferences): Pod =>
  outcome(
    there,
    creation(
      'pods',
      pod({ name, labels: { app }, ownerReferences: owners }, { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] }),
    ),
  ).object as Pod;

it('shares with the last pod of the controller what is the same in both', () => {
  const [one, other] = [made('one'), made('other')];
  expect(other.metadata.labels).toBe(one.metadata.labels);
  expect(other.spec!.containers[0]!.resources).toBe(one.spec!.containers[0]!.resources);
  expect([one.metadata.name, other.metadata.name]).toEqual(['one', 'other']);
});

it('shares nothing that differs, and nothing with pods of others', () => {
  expect(made('one').metadata.labels).not.toBe(made('other', 'api').metadata.labels);
  expect(made('one', 'web', []).metadata.labels).not.toBe(made('other', 'web', []).metadata.labels);
});

it('shares the parts of a status that pods have in common', () => {
  const conditions = () => [{ type: 'Initialized', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const [one, other] = ['one', 'other'].map((name, i) => {
    const old = kept(pod({ name, ownerReferences }));
    const status = { conditions: conditions(), podIP: `10.0.0.${i}`, podIPs: [{ ip: `10.0.0.${i}` }] };
    return outcome(stateWith(old), update('pods', { ...old, status }, 'status')).object as Pod;
  });
  expect(other!.status!.conditions).toBe(one!.status!.conditions);
  expect(other!.status!.podIP).toBe('10.0.0.1');
});

it('shares what Events of one object say of it', () => {
  const event = (name: string): EventObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'one', uid: 'u' },
    reason: name,
    type: 'Normal',
  });
  const [one, other] = ['created', 'started'].map((name) => outcome(there, creation('events', event(name))).object as EventObject);
  expect(other!.involvedObject).toBe(one!.involvedObject);
});
