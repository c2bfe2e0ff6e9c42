import { goValue } from '../../kube/go-value.ts';
import { immutable } from '../../kube/validation/field.ts';
import type { ResourceResourceClaim as ResourceClaim } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { validateAdminAccess } from './admin-access.ts';
import { dropDeallocated, validateClaimStatus } from './claim-status.ts';
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts';

/** resource.k8s.io/v1 ResourceClaim: a wish for devices. */
export const strategy: Strategy<ResourceClaim> = {
  statusKeeps: 'metadata',
  prepareForCreate: emptyStatus(),
  defaults({ spec }) {
    if (spec?.devices) defaultDeviceClaim(spec.devices);
  },
  // An update cannot change the spec, so that it is checked but once.
  validate: () => [],
  validateCreate: ({ metadata, spec }, { state }) => [
    ...validateAdminAccess(
      (spec?.devices?.requests ?? []).map(({ exactly }) => exactly?.adminAccess),
      {
        namespace: metadata.namespace!,
        state,
        path: 'spec.devices.requests',
      },
    ),
    ...validateDeviceClaim(spec?.devices ?? {}, 'spec.devices'),
  ],
  validateUpdate: ({ spec }, previous) => immutable('spec', goValue('resource.ResourceClaimSpec', spec), previous.spec),
  prepareForStatusUpdate: dropDeallocated,
  validateStatusUpdate: validateClaimStatus,
  table: {
    columns: [nameColumn, column('State', 'string', 'A summary of the current state (allocated, pending, reserved, etc.).'), ageColumn],
    cells: (claim, now) => [claim.metadata.name, stateText(claim), ageOf(claim, now)],
  },
};

function stateText({ metadata, status }: ResourceClaim): string {
  const deleted = metadata.deletionTimestamp !== undefined;
  const states = deleted ? ['deleted'] : [];
  if (!status?.allocation) return [...states, ...(deleted ? [] : ['pending'])].join(',');
  return [...states, 'allocated', ...(status.reservedFor?.length ? ['reserved'] : [])].join(',');
}
