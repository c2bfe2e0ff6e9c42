import { immutable } from '../../kube/validation/field.ts';
import { validateAnnotations, validateLabels } from '../../kube/validation/metadata.ts';
import type { ResourceClaimTemplate } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts';

/** resource.k8s.io/v1 ResourceClaimTemplate: the claims that pods get made for them. */
export const strategy: Strategy<ResourceClaimTemplate> = {
  defaults({ spec }) {
    if (spec?.spec?.devices) defaultDeviceClaim(spec.spec.devices);
  },
  validate: ({ spec }) => [
    ...validateLabels(spec?.metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(spec?.metadata?.annotations, 'spec.metadata.annotations'),
    ...validateDeviceClaim(spec?.spec?.devices ?? {}, 'spec.spec.devices'),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec', spec, previous.spec),
  table: { columns: [nameColumn, ageColumn], cells: (template, now) => [template.metadata.name, ageOf(template, now)] },
};
