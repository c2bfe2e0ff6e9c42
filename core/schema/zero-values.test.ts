import { expect, it } from 'vitest';
import { schemaOf } from './built-in-types.ts';
import { withZeros } from './zero-values.ts';

const shown = (type: string, value: object) => withZeros(schemaOf(`io.k8s.api.${type}`)!)(value);

it.each([
  { name: 'a list is null', type: 'rbac.v1.Role', value: { metadata: {} }, want: { metadata: {}, rules: null } },
  { name: 'an empty list is null', type: 'rbac.v1.Role', value: { metadata: {}, rules: [] }, want: { metadata: {}, rules: null } },
  { name: 'a number is 0', type: 'scheduling.v1.PriorityClass', value: { metadata: {} }, want: { metadata: {}, value: 0 } },
  {
    name: 'a time is null, also in a list',
    type: 'core.v1.PodStatus',
    value: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    want: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', lastProbeTime: null }] },
  },
  {
    name: 'a struct has its own zeros',
    type: 'core.v1.NodeStatus',
    value: { nodeInfo: {} },
    want: expect.objectContaining({ daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: expect.objectContaining({ machineID: '' }) }),
  },
])('what Go never omits stands there: $name', ({ type, value, want }) => {
  const before = structuredClone(value);
  expect(shown(type, value)).toEqual(want);
  expect(value).toEqual(before);
});

it('a value that has all of them is shown itself', () => {
  const role = { metadata: {}, rules: [{ verbs: ['get'] }] };
  expect(shown('rbac.v1.Role', role)).toBe(role);
});
