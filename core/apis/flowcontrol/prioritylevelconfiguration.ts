import { goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, inRangeErrors, invalidValue, notSupported, required } from '../../kube/validation/field.ts';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { namedConditionErrors } from './conditions.ts';
import { fixedPriorityLevels } from './fixed-specs.ts';

/** flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration: how many requests of a level run at once, and where the others wait (api/fairness). */
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
  validate: ({ metadata: { name, annotations }, spec = {} as PriorityLevelConfigurationSpec, status }) => [
    ...(annotations && OF_BETA in annotations ? [forbiddenField('metadata.annotations', `annotation '${OF_BETA}' is forbidden`)] : []),
    ...((name === 'exempt') === (spec.type === 'Exempt')
      ? []
      : [invalidValue('spec.type', spec.type ?? '', "must be 'Exempt' if and only if `name` is 'exempt'")]),
    ...validateSpec(spec),
    ...validateFixed(name, spec),
    ...namedConditionErrors(status?.conditions),
  ],
  validateStatusUpdate: ({ status }) => namedConditionErrors(status?.conditions),
  table: {
    columns: [
      nameColumn,
      column(
        'Type',
        'string',
        '`type` indicates whether this priority level is subject to limitation on request execution.  A value of `"Exempt"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `"Limited"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server\'s limited capacity is made available exclusively to this priority level. Required.',
      ),
      column(
        'NominalConcurrencyShares',
        'string',
        '`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level. This is the number of execution seats available at this priority level. This is used both for requests dispatched from this priority level as well as requests dispatched from other priority levels borrowing seats from this level. The server\'s concurrency limit (ServerCL) is divided among the Limited priority levels in proportion to their NCS values:\n\nNominalCL(i)  = ceil( ServerCL * NCS(i) / sum_ncs ) sum_ncs = sum[priority level k] NCS(k)\n\nBigger numbers mean a larger nominal concurrency limit, at the expense of every other priority level.\n\nIf not specified, this field defaults to a value of 30.\n\nSetting this field to zero supports the construction of a "jail" for this priority level that is used to hold some request(s)',
      ),
      column(
        'Queues',
        'string',
        '`queues` is the number of queues for this priority level. The queues exist independently at each apiserver. The value must be positive.  Setting it to 1 effectively precludes shufflesharding and thus makes the distinguisher method of associated flow schemas irrelevant.  This field has a default value of 64.',
      ),
      column(
        'HandSize',
        'string',
        "`handSize` is a small positive number that configures the shuffle sharding of requests into queues.  When enqueuing a request at this priority level the request's flow identifier (a string pair) is hashed and the hash value is used to shuffle the list of queues and deal a hand of the size specified here.  The request is put into one of the shortest queues in that hand. `handSize` must be no larger than `queues`, and should be significantly smaller (so that a few heavy flows do not saturate most of the queues).  See the user-facing documentation for more extensive guidance on setting this field.  This field has a default value of 8.",
      ),
      column(
        'QueueLengthLimit',
        'string',
        '`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.  This value must be positive.  If not specified, it will be defaulted to 50.',
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

/** By which v1beta3 tells zero shares from none. */
const OF_BETA = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

/** The levels that a cluster cannot do without are as Kubernetes has them, but for how much the exempt one lends. */
function validateFixed(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  if (!Object.hasOwn(fixedPriorityLevels, name)) return [];
  const fixed = fixedPriorityLevels[name]!;
  if (same(fixed.exempt ? { ...spec, exempt: fixed.exempt } : spec, fixed)) return [];
  const but = fixed.exempt ? " except the 'spec.exempt' field" : '';
  return [invalidValue('spec', goValue('flowcontrol.PriorityLevelConfigurationSpec', spec), `spec of '${name}'${but} must equal the fixed value`)];
}

function validateSpec({ type = '', limited, exempt }: PriorityLevelConfigurationSpec): FieldError[] {
  if (type === 'Exempt') {
    return [
      ...(limited ? [forbiddenField('spec.limited', 'must be nil if the type is not Limited')] : []),
      ...(exempt ? validateShares(exempt, 'spec.exempt') : []),
    ];
  }
  if (type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  return [
    ...(exempt ? [forbiddenField('spec.exempt', 'must be nil if the type is Limited')] : []),
    ...(limited ? validateLimited(limited, 'spec.limited') : [required('spec.limited', 'must not be empty when type is Limited')]),
  ];
}

const validateShares = ({ nominalConcurrencyShares = 0, lendablePercent }: ExemptPriorityLevelConfiguration, path: string): FieldError[] => [
  ...(nominalConcurrencyShares < 0 ? [invalidValue(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer')] : []),
  ...inRangeErrors(`${path}.lendablePercent`, lendablePercent, 0, 100),
];

const validateLimited = (limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] => [
  ...validateShares({ ...(limited.nominalConcurrencyShares !== undefined && { nominalConcurrencyShares: limited.nominalConcurrencyShares }) }, path),
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
  else if (entropyBits(queues, handSize) > MAX_HASH_BITS) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`;
    errors.push(invalidValue(`${path}.handSize`, handSize, detail));
  }
  return errors;
}

/** The bits of a hash from which hands are dealt (apiserver/pkg/util/shufflesharding). */
const MAX_HASH_BITS = 60;

/** How many of them it takes for a hand of a deck, at most. */
const entropyBits = (deckSize: number, handSize: number): number => Math.ceil(Math.log2(deckSize) * handSize);
