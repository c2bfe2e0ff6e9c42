import { invalidValues, required } from '../../kube/validation/field.ts';
import { qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { DeviceClass } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateSelectors } from './device-claim.ts';

/** resource.k8s.io/v1 DeviceClass: devices that claims ask for by name. */
export const strategy: Strategy<DeviceClass> = {
  anyGenerateName: true,
  generation: 'spec',
  validate: ({ spec = {} }) => [
    ...validateSelectors(spec.selectors ?? [], 'spec.selectors'),
    ...(spec.config ?? []).flatMap(({ opaque }, i) => {
      if (!opaque) return [required(`spec.config[${i}].opaque`)];
      const { driver = '' } = opaque;
      return driver ? invalidValues(`spec.config[${i}].opaque.driver`, driver, subdomain(driver)) : [required(`spec.config[${i}].opaque.driver`)];
    }),
    ...(spec.extendedResourceName === undefined
      ? []
      : invalidValues('spec.extendedResourceName', spec.extendedResourceName, qualifiedName(spec.extendedResourceName))),
  ],
  table: { columns: [nameColumn, ageColumn], cells: (deviceClass, now) => [deviceClass.metadata.name, ageOf(deviceClass, now)] },
};
