import { expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { DeviceClass, ResourceResourceClaim as ResourceClaim, ResourceSlice } from '../../schema/generated/kinds.ts';
import { Reads } from '../../state/reads.ts';
import type { State } from '../../state/state.ts';
import { node } from '../../testing/objects.ts';
import { stateOf, stored } from '../../testing/state.ts';
import { withReservations } from '../schedule.ts';
import { askedBy, choicesFor } from './known-choices.ts';

const gpu: DeviceClass = { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} };
const slice = (pool: string): ResourceSlice => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: pool },
  spec: { driver: 'gpu.example', nodeName: pool, pool: { name: pool, generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'g0' }, { name: 'g1' }] },
});
const claim = (name: string, { count = 1, device }: { count?: number; device?: [pool: string, name: string] } = {}): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default' },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count } }] } },
  ...(device && { status: { allocation: { devices: { results: [{ request: 'r', driver: 'gpu.example', pool: device[0], device: device[1] }] } } } }),
});

const state = stateOf([gpu, slice('a'), slice('b'), claim('used')].map((object) => stored(object as KubeObject)));
const a = state.get('nodes', undefined, 'a') ?? node('a');
const chosen = (given: ResourceClaim, of: State = state) => choicesFor([given], askedBy([given]), { node: a, state: of });
/** With a device given to another claim. */
const giving = (pool: string): State =>
  withReservations(state, [
    { type: 'update', resource: 'resourceclaims.resource.k8s.io', subresource: 'status', object: claim('used', { device: [pool, 'g0'] }) },
  ]);

it('Claims that ask for the same are looked for once on a node, and others for themselves', () => {
  expect(chosen(claim('d'))).toBe(chosen(claim('c')));
  expect(chosen(claim('c', { count: 2 }))).not.toBe(chosen(claim('c')));
});

it('What is given out on another node makes no difference', () => {
  expect(chosen(claim('c'), giving('b'))).toBe(chosen(claim('c')));
});

it('It is looked again when a device of the node is given out', () => {
  expect([chosen(claim('c', { count: 2 })).type, chosen(claim('c', { count: 2 }), giving('a')).type]).toEqual(['chosen', 'none']);
});

it('It is looked again when a class changes', () => {
  const known = chosen(claim('c'));
  const none = { ...gpu, spec: { selectors: [{ cel: { expression: 'false' } }] } };
  const after = withReservations(state, [{ type: 'update', resource: 'deviceclasses.resource.k8s.io', object: none }]);
  expect([known.type, chosen(claim('c'), after).type]).toEqual(['chosen', 'none']);
});

it('Where it is noted what is read, it is looked each time', () => {
  expect(chosen(claim('c'), state.observed(new Reads()))).not.toBe(chosen(claim('c')));
});
