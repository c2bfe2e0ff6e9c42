import { compareQuantities } from '../../kube/quantity.ts';
import { immutable, invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { CSIStorageCapacity } from '../../schema/generated/kinds.ts';
import { column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** storage.k8s.io/v1 CSIStorageCapacity: how much a class can still provide in a part of the cluster. */
export const strategy: Strategy<CSIStorageCapacity> = {
  unconditionalUpdate: false,
  validate: ({ nodeTopology, storageClassName = '', capacity }) => [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalidValues('storageClassName', storageClassName, subdomain(storageClassName)),
    ...(capacity !== undefined && compareQuantities(capacity, '0') < 0 ? [invalidValue('capacity', capacity, 'must be greater than or equal to 0')] : []),
  ],
  validateUpdate: (capacity, previous) => [
    ...immutable('nodeTopology', capacity.nodeTopology, previous.nodeTopology),
    ...immutable('storageClassName', capacity.storageClassName, previous.storageClassName),
  ],
  table: {
    columns: [
      nameColumn,
      column('StorageClassName', 'string', 'storageClassName represents the name of the StorageClass that the reported capacity applies to.'),
      column(
        'Capacity',
        'string',
        'capacity is the value reported by the CSI driver in its GetCapacityResponse for a GetCapacityRequest with topology and parameters that match the previous fields.',
      ),
    ],
    cells: ({ metadata, storageClassName, capacity }) => [metadata.name, storageClassName, capacity ?? '<unset>'],
  },
};
