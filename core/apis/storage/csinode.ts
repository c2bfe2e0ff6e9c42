import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, immutable, invalidValue, invalidValues, nonNegative, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { CSINode, CSINodeDriver } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateCsiDriverName } from './class-parameters.ts';

/** storage.k8s.io/v1 CSINode: the drivers of volumes that a node has. */
export const strategy: Strategy<CSINode> = {
  unconditionalUpdate: false,
  validate: ({ spec }) => {
    const drivers = spec?.drivers ?? [];
    const repeated = repeats(drivers, ({ name }) => name);
    return drivers.flatMap((driver, i) => validateDriver(driver, `spec.drivers[${i}]`, repeated.has(i)));
  },
  // Of a driver that is there only what it can still take may change.
  validateUpdate: ({ spec }, previous) => {
    const drivers = new Map(previous.spec?.drivers?.map((driver) => [driver.name, driver]));
    return (spec?.drivers ?? []).flatMap((driver) => {
      const before = drivers.get(driver.name);
      if (!before) return [];
      const { allocatable: _now, ...fixed } = driver;
      const { allocatable: _then, ...previously } = before;
      return immutable('spec.drivers', goValue('storage.CSINodeDriver', fixed), previously);
    });
  },
  table: {
    columns: [nameColumn, column('Drivers', 'integer', 'Drivers indicates the number of CSI drivers registered on the node'), ageColumn],
    cells: (node, now) => [node.metadata.name, node.spec?.drivers?.length ?? 0, ageOf(node, now)],
  },
};

const MAX_NODE_ID = 256;

function validateDriver({ name, nodeID = '', allocatable, topologyKeys = [] }: CSINodeDriver, path: string, repeated: boolean): FieldError[] {
  const repeatedKeys = repeats(topologyKeys, (key) => key);
  return [
    ...validateCsiDriverName(name, `${path}.name`),
    ...(nodeID ? [] : [required(`${path}.nodeID`)]),
    ...(nodeID.length > MAX_NODE_ID ? [invalidValue(`${path}.nodeID`, nodeID, `must be ${MAX_NODE_ID} characters or less`)] : []),
    ...nonNegative(`${path}.allocatable.count`, allocatable?.count),
    ...(repeated ? [duplicate(`${path}.name`, name)] : []),
    ...topologyKeys.flatMap((key, i) => [
      ...(key ? [] : [required(path, key)]),
      ...(repeatedKeys.has(i) ? [duplicate(path, key)] : []),
      ...invalidValues(path, key, qualifiedName(key)),
    ]),
  ];
}
