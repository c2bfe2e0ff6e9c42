import { goValue } from '../../kube/go-value.ts';
import { timestamp } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { immutable, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { ResourcePool, ResourceSlice, ResourceSliceSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { validateNodeSelector } from '../core/affinity.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { boundedSet } from './bounded.ts';
import { validateCounters, validateDevice } from './device.ts';
import { validateDriver, validatePoolName } from './device-names.ts';

/** resource.k8s.io/v1 ResourceSlice: devices that a driver offers. */
export const strategy: Strategy<ResourceSlice> = {
  generation: 'spec',
  prepareForCreate: prepare,
  prepareForUpdate: (slice, _previous, context) => prepare(slice, context),
  validate: ({ spec = {} as ResourceSliceSpec }) => [
    ...validateDriver(spec.driver, 'spec.driver'),
    ...validatePool(spec.pool ?? {}, 'spec.pool'),
    ...validatePlace(spec, 'spec'),
    ...(spec.sharedCounters && spec.devices ? [invalidValue('spec', '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...boundedSet(
      spec.devices,
      (spec.devices ?? []).some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ? MAX_ADVANCED_DEVICES : MAX_DEVICES,
      (device, path) => validateDevice(device, path, { perDevice: spec.perDeviceNodeSelection === true }),
      'spec.devices',
      ({ name }) => name,
    ),
    ...boundedSet(
      spec.sharedCounters,
      MAX_COUNTER_SETS,
      (set, path) => validateCounters(set, { name: `${path}.name`, counters: `${path}.counters` }),
      'spec.sharedCounters',
      ({ name }) => name,
    ),
  ],
  warnings: ({ spec }) =>
    spec?.driver && spec.driver !== spec.driver.toLowerCase()
      ? [`spec.driver: driver names should be lowercase; ${JSON.stringify(spec.driver)} contains uppercase characters`]
      : [],
  validateUpdate: ({ spec }, previous) => [
    ...immutable('spec.pool.name', spec.pool.name, previous.spec.pool.name),
    ...immutable('spec.driver', spec.driver, previous.spec.driver),
    ...immutable('spec.nodeName', spec.nodeName, previous.spec.nodeName),
  ],
  selectableFields: { 'spec.nodeName': ({ spec }) => spec?.nodeName ?? '', 'spec.driver': ({ spec }) => spec?.driver ?? '' },
  table: {
    columns: [
      nameColumn,
      column(
        'Node',
        'string',
        'NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.\n\nThis field can be used to limit access from nodes to ResourceSlices with the same node name. It also indicates to autoscalers that adding new nodes of the same type as some old node might also make new resources available.\n\nExactly one of NodeName, NodeSelector, AllNodes, and PerDeviceNodeSelection must be set. This field is immutable.',
      ),
      column(
        'Driver',
        'string',
        'Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.\n\nMust be a DNS subdomain and should end with a DNS domain owned by the vendor of the driver. It should use only lower case characters. This field is immutable.',
      ),
      column(
        'Pool',
        'string',
        'Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable.',
      ),
      ageColumn,
    ],
    cells: (slice, now) => [slice.metadata.name, slice.spec.nodeName ?? '<unset>', slice.spec.driver, slice.spec.pool.name, ageOf(slice, now)],
  },
};

const MAX_DEVICES = 128;
/** With taints or counters. */
const MAX_ADVANCED_DEVICES = 64;
const MAX_COUNTER_SETS = 8;

function prepare({ spec }: ResourceSlice, { now }: Pick<StrategyContext, 'now'>): void {
  for (const device of spec?.devices ?? []) {
    // What is behind feature gates that are closed (DRANodeAllocatableResources, DRAListTypeAttributes).
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) for (const list of LISTS) delete attribute[list];
    for (const taint of device.taints ?? []) taint.timeAdded ??= timestamp(now);
  }
}

const LISTS = ['bools', 'ints', 'strings', 'versions'] as const;

const validatePool = ({ name, resourceSliceCount = 0, generation = 0 }: Partial<ResourcePool>, path: string): FieldError[] => [
  ...validatePoolName(name, `${path}.name`),
  ...(resourceSliceCount > 0 ? [] : [invalidValue(`${path}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero')]),
  ...(generation < 0 ? [invalidValue(`${path}.generation`, generation, 'must be greater than or equal to zero')] : []),
];

const CHOICES = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

/** Devices are at one place: a node, some nodes, all, or each says for itself. */
function validatePlace({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSliceSpec, path: string): FieldError[] {
  const set = [
    nodeName && '`nodeName`',
    nodeSelector && '`nodeSelector`',
    allNodes && '`allNodes`',
    perDeviceNodeSelection && '`perDeviceNodeSelection`',
  ].filter(Boolean);
  const unsetOrTrue = (value: boolean | undefined, field: string) =>
    value === false ? [invalidValue(field, value, 'must be either unset or set to true')] : [];
  return [
    ...(nodeName ? invalidValues(`${path}.nodeName`, nodeName, subdomain(nodeName)) : []),
    ...(nodeName === '' ? [invalidValue(`${path}.nodeName`, nodeName, 'must be either unset or set to a non-empty string')] : []),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
    ...(nodeSelector && nodeSelector.nodeSelectorTerms?.length !== 1
      ? [
          invalidValue(
            `${path}.nodeSelector.nodeSelectorTerms`,
            goValue('[]core.NodeSelectorTerm', nodeSelector.nodeSelectorTerms),
            'must have exactly one node selector term',
          ),
        ]
      : []),
    ...unsetOrTrue(allNodes, `${path}.allNodes`),
    ...unsetOrTrue(perDeviceNodeSelection, `${path}.perDeviceNodeSelection`),
    ...(set.length === 0 ? [required(path, CHOICES)] : []),
    ...(set.length > 1 ? [invalidValue(path, `{${set.join(', ')}}`, `${CHOICES}, but multiple fields are set`)] : []),
  ];
}
