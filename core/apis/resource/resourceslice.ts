import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, invalidValues, nonNegative, required, tooMany } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Device, ResourceSlice, ResourceSliceSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** resource.k8s.io/v1 ResourceSlice: devices that a driver offers. */
export const strategy: Strategy<ResourceSlice> = {
  generation: 'spec',
  validate: ({ spec = {} as ResourceSliceSpec }) => [
    ...(spec.driver ? invalidValues('spec.driver', spec.driver, subdomain(spec.driver)) : [required('spec.driver')]),
    ...(spec.pool?.name ? spec.pool.name.split('/').flatMap((part) => invalidValues('spec.pool.name', part, subdomain(part))) : [required('spec.pool.name')]),
    ...nonNegative('spec.pool.generation', spec.pool?.generation),
    ...((spec.pool?.resourceSliceCount ?? 0) > 0
      ? []
      : [invalidValue('spec.pool.resourceSliceCount', spec.pool?.resourceSliceCount ?? 0, 'must be greater than zero')]),
    ...validatePlace(spec, 'spec'),
    ...validateDevices(spec.devices ?? [], 'spec.devices'),
  ],
  validateUpdate: ({ spec }, previous) => [
    ...immutable('spec.driver', spec.driver, previous.spec.driver),
    ...immutable('spec.pool.name', spec.pool.name, previous.spec.pool.name),
    ...immutable('spec.nodeName', spec.nodeName, previous.spec.nodeName),
  ],
  selectableFields: { 'spec.nodeName': ({ spec }) => spec?.nodeName ?? '', 'spec.driver': ({ spec }) => spec?.driver ?? '' },
  table: {
    columns: [
      nameColumn,
      column(
        'Node',
        'string',
        'NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.',
      ),
      column(
        'Driver',
        'string',
        'Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.',
      ),
      column('Pool', 'string', 'Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required.'),
      ageColumn,
    ],
    cells: (slice, now) => [slice.metadata.name, slice.spec.nodeName ?? '<unset>', slice.spec.driver, slice.spec.pool.name, ageOf(slice, now)],
  },
};

const MAX_DEVICES = 128;

/** Devices are at one place: a node, some nodes, all, or each says for itself. */
function validatePlace({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSliceSpec, path: string): FieldError[] {
  const set = [nodeName !== undefined, nodeSelector !== undefined, allNodes === true, perDeviceNodeSelection === true].filter(Boolean).length;
  const choices = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (set === 0) return [required(path, choices)];
  if (set > 1) return [invalidValue(path, null, `${choices}, but multiple fields are set`)];
  return nodeName === undefined ? [] : invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName));
}

function validateDevices(devices: readonly Device[], path: string): FieldError[] {
  const repeated = repeats(devices, ({ name }) => name);
  return [
    ...(devices.length > MAX_DEVICES ? [tooMany(path, devices.length, MAX_DEVICES)] : []),
    ...devices.flatMap(({ name }, i) => [
      ...(name ? invalidValues(`${path}[${i}].name`, name, label(name)) : [required(`${path}[${i}].name`)]),
      ...(name && repeated.has(i) ? [duplicate(`${path}[${i}].name`, name)] : []),
    ]),
  ];
}
