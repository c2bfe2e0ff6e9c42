import { invalidValue } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { DeviceClass } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { boundedList } from './bounded.ts';
import { validateSelectors } from './device-claim.ts';
import { validateConfiguration } from './device-configuration.ts';

/** resource.k8s.io/v1 DeviceClass: devices that claims ask for by name. */
export const strategy: Strategy<DeviceClass> = {
  anyGenerateName: true,
  generation: 'spec',
  validate: ({ spec = {} }) => [
    ...validateSelectors(spec.selectors ?? [], 'spec.selectors'),
    ...boundedList(spec.config, MAX_CONFIGURATIONS, validateConfiguration, 'spec.config'),
    ...(spec.extendedResourceName === undefined || isExtendedResource(spec.extendedResourceName)
      ? []
      : [invalidValue('spec.extendedResourceName', spec.extendedResourceName, 'must be a valid extended resource name')]),
  ],
  table: { columns: [nameColumn, ageColumn], cells: (deviceClass, now) => [deviceClass.metadata.name, ageOf(deviceClass, now)] },
};

const MAX_CONFIGURATIONS = 32;

/** One of another domain than Kubernetes' own, which a quota can count (IsExtendedResourceName). */
const isExtendedResource = (name: string): boolean =>
  name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
