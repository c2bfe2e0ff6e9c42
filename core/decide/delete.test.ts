import { describe, expect, it } from 'vitest';
import type { DeleteMutation } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Namespace } from '../schema/generated/kinds.ts';
import { configMap, deployment, kept, namespace, outcome, pod, stateWith } from '../testing/decisions.ts';

const resources: Record<string, string> = { ConfigMap: 'configmaps', Deployment: 'deployments.apps', Namespace: 'namespaces', Pod: 'pods' };

function remove(there: KubeObject, options: Partial<DeleteMutation> = {}) {
  const { name, namespace } = there.metadata;
  return outcome(stateWith(there), { type: 'delete', resource: resources[there.kind]!, ...(namespace && { namespace }), name, ...options });
}

const running = (metadata: object = {}, spec: object = {}) =>
  kept(pod({ generation: 1, ...metadata }, { nodeName: 'n', terminationGracePeriodSeconds: 30, ...spec }));
/** Being deleted since midnight: a grace period of 20 s. */
const ending = (metadata: object = {}) => running({ generation: 2, deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 20, ...metadata });
const gone = { events: ['DELETED'] };
/** It shows in the object first that it goes at once. */
const goneAfter = (deletionTimestamp: string, more: object = {}) => ({
  events: ['MODIFIED', 'DELETED'],
  object: { metadata: { deletionTimestamp, deletionGracePeriodSeconds: 0, ...more } },
});
const going = (deletionTimestamp: string, deletionGracePeriodSeconds: number, more: object = {}) => ({
  events: ['MODIFIED'],
  object: { metadata: { deletionTimestamp, deletionGracePeriodSeconds, ...more } },
});
const asItWas = { events: [] };

describe('a deletion', () => {
  it.each([
    { name: 'of what nothing holds', there: kept(configMap()), want: gone },
    {
      name: 'of what has finalizers begins it',
      there: kept(deployment({ generation: 3, finalizers: ['x/y'] })),
      want: going('2026-01-01T00:00:00Z', 0, { generation: 4, finalizers: ['x/y'] }),
    },
    {
      name: 'that has begun goes on',
      there: kept(configMap({ finalizers: ['x/y'], deletionTimestamp: '2025-12-31T23:00:00Z', deletionGracePeriodSeconds: 0 })),
      want: asItWas,
    },
    { name: 'of a pod takes its grace period', there: running(), want: going('2026-01-01T00:00:30Z', 30, { generation: 2 }) },
    { name: 'of a pod takes the time that it says', there: running(), options: { gracePeriodSeconds: 5 }, want: going('2026-01-01T00:00:05Z', 5) },
    { name: 'of a pod, less than nothing', there: running(), options: { gracePeriodSeconds: -3 }, want: going('2026-01-01T00:00:01Z', 1) },
    { name: 'of a pod at once', there: running(), options: { gracePeriodSeconds: 0 }, want: goneAfter('2026-01-01T00:00:00Z', { generation: 2 }) },
    { name: 'of a pod on no node', there: kept(pod()), want: goneAfter('2026-01-01T00:00:00Z') },
    {
      name: 'of a pod at once, which finalizers hold',
      there: running({ finalizers: ['x/y'] }),
      options: { gracePeriodSeconds: 0 },
      want: going('2026-01-01T00:00:00Z', 0, { generation: 2 }),
    },
    { name: 'of a pod again, without a time', there: ending(), want: asItWas },
    { name: 'of a pod again, later', there: ending(), options: { gracePeriodSeconds: 25 }, want: asItWas },
    { name: 'of a pod again, sooner', there: ending(), options: { gracePeriodSeconds: 5 }, want: going('2026-01-01T00:00:05Z', 5, { generation: 2 }) },
    { name: 'of a pod again, at once', there: ending(), options: { gracePeriodSeconds: 0 }, want: goneAfter('2026-01-01T00:00:00Z', { generation: 2 }) },
    { name: 'of a pod whose time is over', there: ending({ deletionGracePeriodSeconds: 0 }), want: gone },
    {
      name: 'of a pod that has ended meanwhile waits for its kubelet',
      there: { ...ending(), status: { phase: 'Succeeded' } },
      want: asItWas,
    },
    { name: 'that is pending takes no propagation policy', there: ending(), options: { propagationPolicy: 'Orphan' as const }, want: asItWas },
  ])('$name', ({ there, options, want }) => {
    expect(remove(there, options)).toMatchObject(want);
  });

  it.each([
    { name: 'foreground', finalizers: [], options: { propagationPolicy: 'Foreground' as const }, want: ['foregroundDeletion'] },
    { name: 'orphan', finalizers: ['x/y'], options: { propagationPolicy: 'Orphan' as const }, want: ['x/y', 'orphan'] },
    { name: 'another policy than before', finalizers: ['orphan'], options: { propagationPolicy: 'Foreground' as const }, want: ['foregroundDeletion'] },
    { name: 'the policy that the object says', finalizers: ['orphan'], options: {}, want: ['orphan'] },
  ])('keeps $name as a finalizer', ({ finalizers, options, want }) => {
    expect(remove(kept(configMap({ finalizers })), options)).toMatchObject({ events: ['MODIFIED'], object: { metadata: { finalizers: want } } });
  });

  it('in the background takes the finalizer of another policy off, and with it the object goes', () => {
    expect(remove(kept(configMap({ finalizers: ['foregroundDeletion'] })), { propagationPolicy: 'Background' })).toMatchObject(gone);
  });

  it.each([
    { name: 'it is not there', options: { name: 'b' }, want: { code: 404, message: 'configmaps "b" not found' } },
    {
      name: 'it is another one of the name',
      options: { preconditions: { uid: 'other' } },
      want: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (uid). The object might have been deleted and then recreated',
      },
    },
    {
      name: 'it has changed',
      options: { preconditions: { resourceVersion: '1' } },
      want: {
        code: 409,
        message:
          'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2). The object might have been modified',
      },
    },
  ])('is refused when $name', ({ options, want }) => {
    expect(remove(kept(configMap()), options)).toMatchObject({ events: [], refused: want });
  });
});

describe('the deletion of a namespace', () => {
  it.each([
    { preconditions: { uid: 'other' }, why: 'UID in precondition: other, UID in object meta: uid' },
    { preconditions: { resourceVersion: '1' }, why: 'ResourceVersion in precondition: 1, ResourceVersion in object meta: 2' },
  ])('is refused when it is not the one that is meant: $why', ({ preconditions, why }) => {
    const message = `Operation cannot be fulfilled on namespaces "n": Precondition failed: ${why}`;
    expect(remove(kept(namespace('n')), { preconditions })).toMatchObject({ events: [], refused: { code: 409, message, details: { kind: 'namespaces' } } });
  });

  it('makes it Terminating, without a grace period', () => {
    const { events, object } = remove(kept(namespace('n')));
    const { status, spec } = object as Namespace;
    expect({ events, status, spec }).toEqual({
      events: ['MODIFIED'],
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    expect(object!.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(object!.metadata.deletionGracePeriodSeconds).toBeUndefined();
  });

  it.each([
    { name: 'again changes nothing', there: kept(namespace('n', { deletionTimestamp: '2025-12-31T00:00:00Z' })), want: asItWas },
    { name: 'that nothing holds', there: kept(namespace('n', {}, { spec: {} })), want: gone },
    {
      name: 'that the cluster cannot do without',
      there: kept(namespace('kube-system')),
      want: { refused: { code: 403, message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted' } },
    },
  ])('$name', ({ there, want }) => {
    expect(remove(there)).toMatchObject(want);
  });
});
