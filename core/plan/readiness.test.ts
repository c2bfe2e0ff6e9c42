import { describe, expect, it } from 'vitest';
import { objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { stateOf } from '../testing/state.ts';
import { readinessOf } from './readiness.ts';

const object = (apiVersion: string, kind: string, { metadata, ...rest }: { metadata?: object; spec?: object; status?: object }): KubeObject =>
  objectOf({ apiVersion, kind, ...rest, metadata: { name: 'a', namespace: 'default', ...metadata } });
const deployment = (generation: number, status: object) =>
  object('apps/v1', 'Deployment', {
    metadata: { name: 'a', namespace: 'default', generation },
    spec: { replicas: 2 },
    status: { observedGeneration: 1, ...status },
  });

const cases: { name: string; given: KubeObject; want: object }[] = [
  { name: 'what does nothing, when it is there', given: object('v1', 'ConfigMap', {}), want: { ready: 1, wanted: 1 } },
  {
    name: 'a Deployment by its updated, available pods',
    given: deployment(1, { replicas: 3, updatedReplicas: 1, availableReplicas: 2 }),
    want: { ready: 1, wanted: 2 },
  },
  {
    name: 'a Deployment that its controller has not seen yet, not at all',
    given: deployment(2, { updatedReplicas: 2, availableReplicas: 2 }),
    want: { ready: 0, wanted: 2 },
  },
  {
    name: 'a Deployment out of time, never',
    given: deployment(1, { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] }),
    want: { ready: 0, wanted: 2, failure: 'ProgressDeadlineExceeded' },
  },
  {
    name: 'a DaemonSet by the nodes that it is wanted on',
    given: object('apps/v1', 'DaemonSet', {
      metadata: { name: 'a', namespace: 'default', generation: 1 },
      status: { observedGeneration: 1, desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 2 },
    }),
    want: { ready: 2, wanted: 3 },
  },
  {
    name: 'a Job when it is complete',
    given: object('batch/v1', 'Job', { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
    want: { ready: 1, wanted: 1 },
  },
  {
    name: 'a Job that failed, never',
    given: object('batch/v1', 'Job', { status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] } }),
    want: { ready: 0, wanted: 1, failure: 'BackoffLimitExceeded' },
  },
  { name: 'a suspended Job, since it is to do nothing', given: object('batch/v1', 'Job', { spec: { suspend: true } }), want: { ready: 1, wanted: 1 } },
  {
    name: 'a pod by its condition',
    given: object('v1', 'Pod', { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } }),
    want: { ready: 0, wanted: 1 },
  },
  {
    name: 'a pod that has done its work',
    given: object('v1', 'Pod', { status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] } }),
    want: { ready: 1, wanted: 1 },
  },
  {
    name: 'a pod that failed, never',
    given: object('v1', 'Pod', { status: { phase: 'Failed', reason: 'Evicted' } }),
    want: { ready: 0, wanted: 1, failure: 'Evicted' },
  },
];

describe('ready is', () => {
  for (const { name, given, want } of cases) {
    const manifest = { ...given, spec: undefined, status: undefined };
    it(name, () => expect(readinessOf(stateOf([given]), manifest)).toEqual(want));
  }

  it('nothing that is not there', () => expect(readinessOf(stateOf([]), object('v1', 'Pod', {}))).toEqual({ ready: 0, wanted: 1 }));
});
