import { describe, expect, it } from 'vitest';
import type { BindMutation } from '../apis/mutation.ts';
import type { KubeObject } from '../kube/object.ts';
import { kept, outcome, pod, stateWith } from '../testing/decisions.ts';

const node: KubeObject = kept({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { 'topology.kubernetes.io/zone': 'z', other: 'x' } } });
const bind = (there: KubeObject, options: Partial<Omit<BindMutation, 'resource'>> = {}) =>
  outcome(stateWith(node, there), { type: 'bind', resource: 'pods', namespace: 'default', name: 'a', node: 'n', ...options });

/** The same by a client that says more. */
const bindSaying = (there: KubeObject, metadata: Partial<KubeObject['metadata']>, kind = 'Node') =>
  bind(there, { binding: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a', namespace: 'default', ...metadata }, target: { kind, name: 'n' } } });

describe('a binding', () => {
  it('puts a pod on its node, in whose zone it then is, and keeps its generation', () => {
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: '2025-12-31T00:00:00Z' };
    const there = kept(pod({ generation: 1, labels: { app: 'a' } }, {}, { phase: 'Pending', conditions: [unscheduled, { type: 'Other', status: 'True' }] }));
    expect(bindSaying(there, { annotations: { n: 'm' } })).toEqual({
      events: ['MODIFIED'],
      object: {
        ...there,
        metadata: {
          ...there.metadata,
          resourceVersion: '4',
          labels: { app: 'a', 'topology.kubernetes.io/zone': 'z' },
          annotations: { n: 'm' },
        },
        spec: { ...there.spec, nodeName: 'n' },
        status: {
          phase: 'Pending',
          conditions: [
            { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
            { type: 'Other', status: 'True' },
          ],
        },
      },
    });
  });

  it('has its labels laid over those of the pod, and the pod forgets what it was nominated for', () => {
    const there = kept(pod({ labels: { app: 'a', own: 'x' } }, {}, { phase: 'Pending', nominatedNodeName: 'm' }));
    const { metadata, status } = bindSaying(there, { labels: { own: 'y' } }).object!;
    expect(metadata.labels).toEqual({ app: 'a', own: 'y', 'topology.kubernetes.io/zone': 'z' });
    expect(status).not.toHaveProperty('nominatedNodeName');
    // Only the binding to what is said to be a Node is told the place of that.
    expect(bindSaying(there, {}, '').object!.metadata.labels).toEqual({ app: 'a', own: 'x' });
  });

  it('may name a node that is not there', () => {
    expect(bind(kept(pod()), { node: 'm' })).toMatchObject({ events: ['MODIFIED'], object: { spec: { nodeName: 'm' } } });
  });

  const refusal = (why: string) => ({ code: 409, reason: 'Conflict', message: `Operation cannot be fulfilled on pods/binding "a": ${why}` });
  it.each([
    { name: 'has a node', there: kept(pod({}, { nodeName: 'm' })), want: refusal('pod a is already assigned to node "m"') },
    {
      name: 'is being deleted',
      there: kept(pod({ deletionTimestamp: '2026-01-01T00:00:00Z' })),
      want: refusal('pod a is being deleted, cannot be assigned to a host'),
    },
    { name: 'is gated', there: kept(pod({}, { schedulingGates: [{ name: 'x/y' }] })), want: refusal('pod a has non-empty .spec.schedulingGates') },
    {
      name: 'is another one of the name',
      there: kept(pod()),
      options: { uid: 'other' },
      want: refusal(
        'StorageError: invalid object, Code: 4, Key: /registry/pods/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: uid',
      ),
    },
    { name: 'is not there', there: kept(pod({ name: 'b' })), want: { code: 404, message: 'pods "a" not found' } },
  ])('is refused when the pod $name', ({ there, options, want }) => {
    expect(bind(there, options)).toMatchObject({ events: [], refused: want });
  });
});
