import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodSpec } from '../../schema/generated/kinds.ts';
import { claimsOf, isForPod } from './pod-claims.ts';
import { amountsOf, heldRequests, podRequests } from './pod-requests.ts';

const pod = (spec: Partial<PodSpec>): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'uid-p' }, spec: { containers: [], ...spec } });
const asks = (cpu: string, memory = '0'): Container => ({ name: 'c', resources: { requests: { cpu, memory } } });
const sidecar = (cpu: string): Container => ({ ...asks(cpu), restartPolicy: 'Always' });

describe('what a pod asks for', () => {
  it.each([
    { name: 'nothing', spec: { containers: [{ name: 'c' }] }, want: undefined },
    { name: 'the sum of its containers', spec: { containers: [asks('100m'), asks('1.5')] }, want: 1600 },
    { name: 'an init container that asks for more', spec: { containers: [asks('100m')], initContainers: [asks('500m')] }, want: 500 },
    { name: 'an init container that asks for less', spec: { containers: [asks('600m')], initContainers: [asks('500m')] }, want: 600 },
    { name: 'the largest of the init containers, not their sum', spec: { containers: [asks('1m')], initContainers: [asks('500m'), asks('400m')] }, want: 500 },
    { name: 'sidecars beside the containers', spec: { containers: [asks('100m')], initContainers: [sidecar('50m')] }, want: 150 },
    { name: 'sidecars beside later init containers', spec: { containers: [asks('100m')], initContainers: [sidecar('50m'), asks('500m')] }, want: 550 },
    { name: 'no sidecars beside earlier init containers', spec: { containers: [asks('100m')], initContainers: [asks('500m'), sidecar('50m')] }, want: 500 },
    { name: 'overhead', spec: { containers: [asks('100m')], overhead: { cpu: '10m' } }, want: 110 },
    { name: 'what the pod says, before what its containers say', spec: { containers: [asks('100m')], resources: { requests: { cpu: '2' } } }, want: 2000 },
  ])('$name', ({ spec, want }) => expect(podRequests(pod(spec))['cpu']).toBe(want));

  it('is computed once for a pod, which then gets a node', () => {
    const given = pod({ containers: [asks('1')] });
    expect(podRequests({ ...given, spec: { ...given.spec!, nodeName: 'a' }, status: { phase: 'Running' } })).toBe(podRequests(given));
  });

  it.each<{ name: string; more: Partial<PodSpec>; want: number }>([
    { name: 'overhead', more: { overhead: { cpu: '1' } }, want: 2000 },
    { name: 'init containers', more: { initContainers: [asks('3')] }, want: 3000 },
    { name: 'what the pod says', more: { resources: { requests: { cpu: '4' } } }, want: 4000 },
  ])('is computed anew for the same containers with other $name', ({ more, want }) => {
    const given = pod({ containers: [asks('1')] });
    expect([podRequests(given)['cpu'], podRequests({ ...given, spec: { ...given.spec!, ...more } })['cpu']]).toEqual([1000, want]);
  });

  it('is in millicores, bytes and pieces', () => {
    expect(amountsOf({ cpu: '1500m', memory: '1Gi', pods: '110', 'example.com/gpu': '2' })).toEqual({
      cpu: 1500,
      memory: 2 ** 30,
      pods: 110,
      'example.com/gpu': 2,
    });
  });
});

describe('what a pod holds of its node', () => {
  const spec = { containers: [asks('1')], initContainers: [{ ...sidecar('1'), name: 's' }] };
  const has = (name: string, cpu: string, allocated = cpu) => ({
    name,
    resources: { requests: { cpu, memory: '0' } },
    allocatedResources: { cpu: allocated, memory: '0' },
    image: 'x',
    imageID: 'x',
    ready: true,
    restartCount: 0,
  });
  const infeasible = { type: 'PodResizePending', status: 'True', reason: 'Infeasible' };
  it.each([
    { name: 'what it asks for', status: {}, want: 2000 },
    { name: 'what it has already', status: { containerStatuses: [has('c', '1')] }, want: 2000 },
    { name: 'what it had, while it is made smaller', status: { containerStatuses: [has('c', '3')] }, want: 4000 },
    { name: 'what it was allocated', status: { containerStatuses: [has('c', '1', '2')] }, want: 3000 },
    { name: 'what it asks for, while it is made larger', status: { containerStatuses: [has('c', '500m')] }, want: 2000 },
    { name: 'what it has, where it cannot be made larger', status: { containerStatuses: [has('c', '500m')], conditions: [infeasible] }, want: 1500 },
    { name: 'what a sidecar had', status: { initContainerStatuses: [has('s', '3')] }, want: 4000 },
    { name: 'what containers without a status ask for', status: { containerStatuses: [] }, want: 2000 },
  ])('$name', ({ status, want }) => expect(heldRequests({ ...pod(spec), status }).requests['cpu']).toBe(want));

  it('counts for more than nothing in scores', () => {
    const { defaulted } = heldRequests(pod({ containers: [{ name: 'a' }, asks('1')], initContainers: [{ name: 'i' }] }));
    expect(defaulted).toEqual({ cpu: 1100, memory: 200 * 2 ** 20 });
  });
});

describe('the claims of a pod', () => {
  it('are those that it names, and those named after it', () => {
    const volumes = [
      { name: 'a', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'b', emptyDir: {} },
      { name: 'tmp', ephemeral: { volumeClaimTemplate: { spec: {} } } },
    ];
    expect(claimsOf(pod({ volumes }))).toEqual(['data', 'p-tmp']);
    expect(claimsOf(pod({}))).toEqual([]);
  });

  it('are made for it when it controls them', () => {
    const claim = (owner: object) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'p-tmp', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', ...owner }] },
    });
    expect(isForPod(claim({ controller: true }), pod({}))).toBe(true);
    expect(isForPod(claim({}), pod({}))).toBe(false);
    expect(isForPod(claim({ controller: true, uid: 'other' }), pod({}))).toBe(false);
  });
});
