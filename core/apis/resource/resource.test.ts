import { describe, expect, it } from 'vitest';
import type { ResourceResourceClaim as ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../schema/generated/kinds.ts';
import { NOW } from '../../testing/env.ts';
import { cell, defaulted, newProblems, problems, texts, updateProblems } from '../../testing/strategies.ts';
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
    { name: 'a good claim', given: newProblems(claims, claim(gpu)), want: [] },
    {
      name: 'a claim of nothing, twice',
      given: newProblems(claims, claim({ name: 'a' }, { name: 'a', exactly: {} })),
      want: [
        'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
        'spec.devices.requests[1].exactly.deviceClassName: Required value',
        'spec.devices.requests[1]: Duplicate value: "a"',
      ],
    },
    {
      name: 'all of them, and five',
      given: newProblems(claims, claim({ name: 'a', exactly: { deviceClassName: 'c', allocationMode: 'All', count: 5 } })),
      want: ["spec.devices.requests[0].exactly.count: Invalid value: 5: must not be specified when allocationMode is 'All'"],
    },
    {
      name: 'a changed claim',
      given: updateProblems(claims, claim(), claim(gpu)),
      want: ['spec: Invalid value: {"Devices":{"Requests":[],"Constraints":null,"Config":null}}: field is immutable'],
    },
    { name: 'a class', given: problems(deviceClasses, object('DeviceClass', { spec: { selectors: [{ cel: { expression: 'true' } }] } }) as never), want: [] },
    {
      name: 'a class whose selectors do not go together',
      given: problems(
        deviceClasses,
        object('DeviceClass', {
          spec: {
            selectors: [
              "device.driver == 'a'",
              "device.attributes['a.example.com'].shared",
              'device.driver',
              'device.nothing',
              'dyn(true)',
              "'a'.matches('(')",
              'cel.bind(d, device.driver, d.size() > 1)',
              'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a < b && c < d))))',
            ].map((expression) => ({ cel: { expression } })),
          },
        }) as never,
      ),
      want: [
        'spec.selectors[2].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string',
        'spec.selectors[3].cel.expression: Invalid value: "device.nothing": compilation failed: ERROR: <input>:1:7: undefined field \'nothing\'\n | device.nothing\n | ......^',
        'spec.selectors[4].cel.expression: Invalid value: "dyn(true)": must evaluate to bool or the unknown type, not dyn',
        "spec.selectors[5].cel.expression: Invalid value: \"'a'.matches('(')\": compilation failed: ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^",
        'spec.selectors[7].cel.expression: Forbidden: too complex, exceeds cost limit',
      ],
    },
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
    {
      name: 'a claim of what it does not ask for',
      given: newProblems(
        claims,
        object('ResourceClaim', {
          spec: {
            devices: {
              requests: [
                { name: 'a', firstAvailable: [{ name: 'b', deviceClassName: 'c', tolerations: [{ operator: 'Exists', value: 'v', effect: 'Some' }] }] },
              ],
              constraints: [{ requests: ['a/b', 'a/x', 'a/b'], matchAttribute: 'model' }, {}],
              config: [{ opaque: { driver: 'd.example.com', parameters: [1] } }, { opaque: { driver: '' } }],
            },
          },
        }) as unknown as ResourceClaim,
      ),
      want: [
        'spec.devices.requests[0].firstAvailable[0].tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
        'spec.devices.requests[0].firstAvailable[0].tolerations[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"',
        'spec.devices.constraints[0].requests[1]: Invalid value: "a/x": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
        'spec.devices.constraints[0].requests[2]: Duplicate value: "a/b"',
        'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
        'spec.devices.constraints[1]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
        'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
        'spec.devices.config[1].opaque.driver: Required value',
        'spec.devices.config[1].opaque.parameters: Required value',
      ],
    },
    {
      name: 'devices that others use, without the right to them',
      given: newProblems(claims, claim({ name: 'a', exactly: { deviceClassName: 'c', adminAccess: true } })),
      want: [
        'spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
      ],
    },
    {
      name: 'a class of a native resource',
      given: problems(deviceClasses, object('DeviceClass', { spec: { extendedResourceName: 'cpu' } }) as never),
      want: ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
    },
    {
      name: 'a slice of two places',
      given: problems(slices, slice({ allNodes: true })),
      want: [
        'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      ],
    },
    {
      name: 'a slice of a pool that is none',
      given: problems(slices, slice({ pool: { name: '', generation: -1 } })),
      want: [
        'spec.pool.name: Required value',
        'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
        'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      ],
    },
    {
      name: 'devices that say what is not so',
      given: problems(
        slices,
        slice({
          devices: [
            { name: 'a', attributes: { 'a/b': { version: '1.0' }, c: { int: 1, bool: true } }, bindingConditions: ['x'], nodeName: 'n' },
            { name: 'a', taints: [{ key: 'k', effect: 'Some' }], consumesCounters: [{ counterSet: 's', counters: {} }] },
            {
              name: 'c',
              allowMultipleAllocations: true,
              capacity: { m: { value: '10', requestPolicy: { default: '3', validRange: { min: '4', max: '11', step: '5' } } } },
            },
            { name: 'd', capacity: { m: { value: '10', requestPolicy: { default: '3', validValues: ['3'] } } } },
          ],
        }),
      ),
      want: [
        'spec.devices[0].attributes[a/b].version: Invalid value: "1.0": must be a string compatible with semver.org spec 2.0.0',
        'spec.devices[0].attributes[c]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
        'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
        'spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
        'spec.devices[1].taints[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"',
        'spec.devices[1].consumesCounters[0].counters: Required value',
        'spec.devices[2].capacity[m].requestPolicy.validRange.min: Invalid value: "3": default is less than min: 4',
        'spec.devices[2].capacity[m].requestPolicy.validRange.max: Invalid value: "11": max is larger than capacity value: 10',
        'spec.devices[2].capacity[m].requestPolicy.validRange.step: Invalid value: "3": value is not a multiple of a given step (5) from (4)',
        'spec.devices[2].capacity[m].requestPolicy.validRange.step: Invalid value: "11": value is not a multiple of a given step (5) from (4)',
        'spec.devices[3].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true',
        'spec.devices[1]: Duplicate value: "a"',
      ],
    },
    {
      name: 'a status of what is not allocated',
      given: texts(
        claims.validateStatusUpdate!(
          {
            ...claim(gpu),
            status: {
              allocation: { devices: { results: [{ request: 'gpu', driver: 'd.example.com', pool: 'p', device: 'a', shareID: 'x' }] } },
              devices: [{ driver: 'd.example.com', pool: 'p', device: 'b', networkData: { ips: ['1.2.3.4'] } }],
              reservedFor: [{ resource: 'pods', name: 'p', uid: '' }],
            },
          },
          claim(gpu),
        ),
      ),
      want: [
        'status.reservedFor[0].uid: Required value',
        'status.devices[0]: Invalid value: {"Driver":{},"Pool":{},"Device":{},"ShareID":{}}: must be an allocated device in the claim',
        'status.devices[0].networkData.ips[0]: Invalid value: "1.2.3.4": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
        'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
      ],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('lose their status with their allocation', () => {
    const device = { driver: 'd.example.com', pool: 'p', device: 'a' };
    const before: ResourceClaim = { ...claim(gpu), status: { allocation: { devices: { results: [{ request: 'gpu', ...device }] } } } };
    const after: ResourceClaim = { ...claim(gpu), status: { devices: [device, { ...device, device: 'b' }] } };
    claims.prepareForStatusUpdate!(after, before, { now: NOW });
    expect(after.status).toEqual({ devices: [{ ...device, device: 'b' }] });
  });

  it('print their state', () => {
    expect(cell(claims, claim(gpu), 'State')).toBe('pending');
    const reserved = { ...claim(gpu), status: { allocation: {}, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] } };
    expect(cell(claims, reserved, 'State')).toBe('allocated,reserved');
    expect(slices.table!.cells(slice(), 0)).toEqual(['x', 'n', 'd.example.com', 'p', '<unknown>']);
  });
});
