import type { FieldError } from '../../status.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { CSINode, CSINodeDriver } from '../generated/kinds.ts';
import type { Strategy } from '../strategy.ts';
import { duplicate, immutable, invalidValue, invalidValues, nonNegative, required } from '../validation/field.ts';
import { qualifiedName } from '../validation/names.ts';
import { validateCsiDriverName } from './class-parameters.ts';

/** storage.k8s.io/v1 CSINode: the drivers of volumes that a node has. */
export const strategy: Strategy<CSINode> = {
  validate: ({ spec }) => {
    const drivers = spec?.drivers ?? [];
    return drivers.flatMap((driver, i) => validateDriver(driver, drivers.slice(0, i), `spec.drivers[${i}]`));
  },
  // Of a driver that is there only what it can still take may change.
  validateUpdate: ({ spec }, previous) =>
    (spec?.drivers ?? []).flatMap((driver) => {
      const before = previous.spec?.drivers?.find(({ name }) => name === driver.name);
      if (!before) return [];
      const { allocatable: _now, ...fixed } = driver;
      const { allocatable: _then, ...previously } = before;
      return immutable('spec.drivers', fixed, previously);
    }),
  table: {
    columns: [nameColumn, column('Drivers', 'integer', 'Drivers indicates the number of CSI drivers registered on the node'), ageColumn],
    cells: (node, now) => [node.metadata.name, node.spec?.drivers?.length ?? 0, ageOf(node, now)],
  },
};

const MAX_NODE_ID = 256;

function validateDriver({ name, nodeID = '', allocatable, topologyKeys = [] }: CSINodeDriver, before: readonly CSINodeDriver[], path: string): FieldError[] {
  return [
    ...validateCsiDriverName(name, `${path}.name`),
    ...(nodeID ? [] : [required(`${path}.nodeID`)]),
    ...(nodeID.length > MAX_NODE_ID ? [invalidValue(`${path}.nodeID`, nodeID, `must be ${MAX_NODE_ID} characters or less`)] : []),
    ...nonNegative(`${path}.allocatable.count`, allocatable?.count),
    ...(before.some((other) => other.name === name) ? [duplicate(`${path}.name`, name)] : []),
    ...topologyKeys.flatMap((key, i) => [
      ...(key ? [] : [required(path, key)]),
      ...(topologyKeys.indexOf(key) < i ? [duplicate(path, key)] : []),
      ...invalidValues(path, key, qualifiedName(key)),
    ]),
  ];
}
