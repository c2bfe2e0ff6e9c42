import { expect, it } from 'vitest';
import { schemaOf } from './built-in-types.ts';
import { requiredFieldErrors } from './required-fields.ts';

it.each<[name: string, definition: string, object: object, fields: string[]]>([
  ['no number, whose absence is its zero', 'io.k8s.api.scheduling.v1.PriorityClass', { metadata: {} }, []],
  ['an empty text', 'io.k8s.api.storage.v1.StorageClass', { provisioner: '' }, ['provisioner']],
  [
    'in a list',
    'io.k8s.api.core.v1.PodTemplate',
    { template: { spec: { containers: [{ name: 'a' }, { image: 'b' }] } } },
    ['template.spec.containers[1].name'],
  ],
  ['the list itself', 'io.k8s.api.core.v1.PodTemplate', { template: { spec: {} } }, ['template.spec.containers']],
  ['a struct', 'io.k8s.api.rbac.v1.RoleBinding', { subjects: [{ kind: 'User' }] }, ['roleRef', 'subjects[0].name']],
  [
    'in a map',
    'io.k8s.api.resource.v1.ResourceSlice',
    { spec: { devices: [{ name: 'a', capacity: { b: {} } }] } },
    ['spec.driver', 'spec.pool', 'spec.devices[0].capacity[b].value'],
  ],
  ['nothing of a status', 'io.k8s.api.apps.v1.DaemonSet', { spec: { selector: {}, template: {} }, status: { conditions: [{}] } }, []],
])('finds %s', (_, definition, object, fields) => {
  expect(requiredFieldErrors(object, schemaOf(definition)!)).toEqual(
    fields.map((field) => ({ reason: 'FieldValueRequired', field, message: 'Required value' })),
  );
});
