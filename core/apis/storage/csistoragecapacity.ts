import { compareQuantities } from '../../kube/quantity.ts';
import { immutable, invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { CSIStorageCapacity } from '../../schema/generated/kinds.ts';
import { createdAtTable } from '../columns.ts';
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
  table: createdAtTable,
};
