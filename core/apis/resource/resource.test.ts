import { describe, expect, it } from 'vitest';
import type { ResourceResourceClaim as ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../schema/generated/kinds.ts';
import { cell, defaulted, problems, updateProblems } from '../../testing/strategies.ts';
import { strategy as deviceClasses } from './deviceclass.ts';
import { strategy as claims } from './resourceclaim.ts';
import { strategy as claimTemplates } from './resourceclaimtemplate.ts';
import { strategy as slices } from './resourceslice.ts';

const object = (kind: string, rest: object) => ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'x' }, ...rest });
const claim = (...requests: object[]) => object('ResourceClaim', { spec: { devices: { requests } } }) as unknown as ResourceClaim;
const template = (...requests: object[]) => object('ResourceClaimTemplate', { spec: { spec: { devices: { requests } } } }) as unknown as ResourceClaimTemplate;
const gpu = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } };
const slice = (spec: object = {}) =>
  object('ResourceSlice', {
    spec: { driver: 'd.example.com', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, nodeName: 'n', ...spec },
  }) as unknown as ResourceSlice;

describe('devices', () => {
  it('are asked for one by one', () => {
    expect(defaulted(claims, claim(gpu)).spec.devices!.requests![0]!.exactly).toMatchObject({ allocationMode: 'ExactCount', count: 1 });
    expect(defaulted(claimTemplates, template(gpu)).spec.spec.devices!.requests![0]!.exactly).toMatchObject({ count: 1 });
  });

  it.each([
    { name: 'a good claim', given: problems(claims, claim(gpu)), want: [] },
    {
      name: 'a claim of nothing, twice',
      given: problems(claims, claim({ name: 'a' }, { name: 'a', exactly: {} })),
      want: [
        'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
        'spec.devices.requests[1].exactly.deviceClassName: Required value',
        'spec.devices.requests[1].name: Duplicate value: "a"',
      ],
    },
    {
      name: 'all of them, and five',
      given: problems(claims, claim({ name: 'a', exactly: { deviceClassName: 'c', allocationMode: 'All', count: 5 } })),
      want: ["spec.devices.requests[0].exactly.count: Invalid value: 5: must not be specified when allocationMode is 'All'"],
    },
    {
      name: 'a changed claim',
      given: updateProblems(claims, claim(), claim(gpu)),
      want: ['spec: Invalid value: {"devices":{"requests":[]}}: field is immutable'],
    },
    { name: 'a class', given: problems(deviceClasses, object('DeviceClass', { spec: { selectors: [{ cel: { expression: 'true' } }] } }) as never), want: [] },
    { name: 'a slice', given: problems(slices, slice({ devices: [{ name: 'a' }] })), want: [] },
    {
      name: 'a slice of no place',
      given: problems(slices, slice({ nodeName: undefined })),
      want: ['spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'],
    },
    {
      name: 'a slice that moved',
      given: updateProblems(slices, slice({ nodeName: 'm' }), slice()),
      want: ['spec.nodeName: Invalid value: "m": field is immutable'],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('print their state', () => {
    expect(cell(claims, claim(gpu), 'State')).toBe('pending');
    const reserved = { ...claim(gpu), status: { allocation: {}, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } };
    expect(cell(claims, reserved, 'State')).toBe('allocated,reserved');
    expect(slices.table!.cells(slice(), 0)).toEqual(['x', 'n', 'd.example.com', 'p', '<unknown>']);
  });
});
