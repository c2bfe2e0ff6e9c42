import { same } from '../../kube/object.ts';
import { forbiddenField, required } from '../../kube/validation/field.ts';
import type { VolumeAttributesClass } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateDriverName, validateParameters } from './class-parameters.ts';

/** storage.k8s.io/v1 VolumeAttributesClass: parameters that a volume can be changed to. Fixed once it is there. */
export const strategy: Strategy<VolumeAttributesClass> = {
  validate: ({ driverName, parameters }) => [
    ...validateDriverName(driverName, 'driverName'),
    ...validateParameters(parameters, 'parameters'),
    ...(Object.keys(parameters ?? {}).length ? [] : [required('parameters', 'must contain at least one key/value pair')]),
  ],
  updateRules: 'first',
  validateUpdate: (volumeClass, previous) =>
    (['driverName', 'parameters'] as const).flatMap((name) =>
      same(volumeClass[name] ?? null, previous[name] ?? null) ? [] : [forbiddenField(name, `updates to ${name} are forbidden.`)],
    ),
  table: {
    columns: [nameColumn, column('DriverName', 'string', 'Name of the CSI driver This field is immutable.'), ageColumn],
    cells: (volumeClass, now) => {
      const { name, annotations } = volumeClass.metadata;
      const isDefault = annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
      return [isDefault ? `${name} (default)` : name, volumeClass.driverName, ageOf(volumeClass, now)];
    },
  },
};
