import { goValue } from '../../kube/go-value.ts';
import { immutable } from '../../kube/validation/field.ts';
import { validateAnnotations, validateLabels } from '../../kube/validation/metadata.ts';
import type { ResourceClaimTemplate } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { validateAdminAccess } from './admin-access.ts';
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts';

/** resource.k8s.io/v1 ResourceClaimTemplate: the claims that pods get made for them. */
export const strategy: Strategy<ResourceClaimTemplate> = {
  defaults({ spec }) {
    if (spec?.spec?.devices) defaultDeviceClaim(spec.spec.devices);
  },
  // An update cannot change the spec, so that it is checked but once.
  validate: () => [],
  validateCreate: ({ metadata, spec }, { state }) => [
    ...validateAdminAccess(
      (spec?.spec?.devices?.requests ?? []).map(({ exactly }) => exactly?.adminAccess),
      {
        namespace: metadata.namespace!,
        state,
        path: 'spec.devices.requests',
      },
    ),
    ...validateLabels(spec?.metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(spec?.metadata?.annotations, 'spec.metadata.annotations'),
    ...validateDeviceClaim(spec?.spec?.devices ?? {}, 'spec.spec.devices'),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec', goValue('resource.ResourceClaimTemplateSpec', spec), previous.spec),
  table: { columns: [nameColumn, ageColumn], cells: (template, now) => [template.metadata.name, ageOf(template, now)] },
};
