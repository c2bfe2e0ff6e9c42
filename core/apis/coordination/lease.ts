import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValues, nonNegative, notSupported, positive } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import type { Lease, LeaseSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { heartbeatOfLease } from '../core/heartbeats.ts';
import type { Strategy } from '../strategy.ts';

/** coordination.k8s.io/v1 Lease: the holder of something, and until when. */
export const strategy: Strategy<Lease> = {
  shownInTime: heartbeatOfLease,
  createOnUpdate: true,
  metadataRules: 'apimachinery',
  unconditionalUpdate: false,
  validate: ({ spec = {} }) => [
    ...positive('spec.leaseDurationSeconds', spec.leaseDurationSeconds),
    ...nonNegative('spec.leaseTransitions', spec.leaseTransitions),
    ...validateStrategy(spec),
  ],
  table: {
    columns: [
      nameColumn,
      column(
        'Holder',
        'string',
        'holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.',
      ),
      ageColumn,
    ],
    cells: (lease, now) => [lease.metadata.name, lease.spec?.holderIdentity ?? '', ageOf(lease, now)],
  },
};

/** Coordinated leader election: a preferred holder needs a strategy that prefers (ValidateCoordinatedLeaseStrategy, with its own path). */
function validateStrategy({ strategy, preferredHolder }: LeaseSpec): FieldError[] {
  const errors: FieldError[] = [];
  // A strategy that is not Kubernetes' own is named with a domain. Kubernetes names its field twice.
  const path = 'spec.strategy.strategy';
  if (strategy?.includes('/')) errors.push(...invalidValues(path, strategy, qualifiedName(strategy)));
  else if (strategy !== undefined && strategy !== 'OldestEmulationVersion') errors.push(notSupported(path, strategy, ['OldestEmulationVersion']));
  if (preferredHolder && !strategy) errors.push(forbiddenField('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
  return errors;
}
