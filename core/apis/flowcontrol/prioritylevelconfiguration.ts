import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, inRangeErrors, invalidValue, notSupported, required } from '../../kube/validation/field.ts';
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';

/** flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration: kept, and not acted upon (see flowschema.ts). */
export const strategy: Strategy<PriorityLevelConfiguration> = {
  statusKeeps: 'metadata',
  generation: 'spec',
  prepareForCreate: emptyStatus(),
  defaults({ spec }) {
    if (spec?.exempt) {
      spec.exempt.nominalConcurrencyShares ??= 0;
      spec.exempt.lendablePercent ??= 0;
    }
    if (!spec?.limited) return;
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
    const queuing = spec.limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  validate: ({ metadata: { name }, spec = {} as PriorityLevelConfigurationSpec }) => [
    ...((name === 'exempt') === (spec.type === 'Exempt')
      ? []
      : [invalidValue('spec.type', spec.type ?? '', "type must be 'Exempt' if and only if name is 'exempt'")]),
    ...validateSpec(spec),
  ],
  table: {
    columns: [
      nameColumn,
      column('Type', 'string', '`type` indicates whether this priority level is subject to limitation on request execution.'),
      column(
        'NominalConcurrencyShares',
        'string',
        '`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level.',
      ),
      column('Queues', 'string', '`queues` is the number of queues for this priority level.'),
      column('HandSize', 'string', '`handSize` is a small positive number that configures the shuffle sharding of requests into queues.'),
      column(
        'QueueLengthLimit',
        'string',
        '`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.',
      ),
      ageColumn,
    ],
    cells: (level, now) => {
      const { type = '', limited } = level.spec ?? {};
      const queuing = limited?.limitResponse?.queuing;
      return [
        level.metadata.name,
        type,
        limited?.nominalConcurrencyShares ?? '<none>',
        queuing?.queues ?? '<none>',
        queuing?.handSize ?? '<none>',
        queuing?.queueLengthLimit ?? '<none>',
        ageOf(level, now),
      ];
    },
  },
};

function validateSpec({ type = '', limited, exempt }: PriorityLevelConfigurationSpec): FieldError[] {
  if (type === 'Exempt') return limited ? [forbiddenField('spec.limited', 'must be nil if the type is not Limited')] : [];
  if (type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  if (exempt) return [forbiddenField('spec.exempt', 'must be nil if the type is Limited')];
  return limited ? validateLimited(limited, 'spec.limited') : [required('spec.limited', 'must not be empty when type is Limited')];
}

const validateLimited = (limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] => [
  ...((limited.nominalConcurrencyShares ?? 0) < 0
    ? [invalidValue(`${path}.nominalConcurrencyShares`, limited.nominalConcurrencyShares, 'must be a non-negative integer')]
    : []),
  ...validateResponse(limited.limitResponse, `${path}.limitResponse`),
  ...inRangeErrors(`${path}.lendablePercent`, limited.lendablePercent, 0, 100),
  ...((limited.borrowingLimitPercent ?? 0) < 0
    ? [invalidValue(`${path}.borrowingLimitPercent`, limited.borrowingLimitPercent, 'if specified, must be a non-negative integer')]
    : []),
];

function validateResponse({ type = '', queuing }: Partial<LimitResponse> = {}, path: string): FieldError[] {
  if (type === 'Reject') return queuing ? [forbiddenField(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])];
  return queuing ? validateQueuing(queuing, `${path}.queuing`) : [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
}

const MAX_QUEUES = 10_000_000;

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) errors.push(invalidValue(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalidValue(`${path}.queues`, queues, 'must be positive'));
  else if (queues > MAX_QUEUES) errors.push(invalidValue(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
  if (handSize <= 0) errors.push(invalidValue(`${path}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues) errors.push(invalidValue(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`));
  return errors;
}
