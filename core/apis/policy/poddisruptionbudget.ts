import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { conditionErrors } from '../../kube/validation/conditions.ts';
import { invalidValue, notSupported } from '../../kube/validation/field.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import { type IntOrPercent, validateAtMost100Percent, validateIntOrPercent } from '../apps/int-or-percent.ts';
import { validateCounts } from '../apps/workload.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';

/** policy/v1 PodDisruptionBudget (pkg/apis/policy/validation, pkg/registry/policy/poddisruptionbudget/strategy.go). */
export const strategy: Strategy<PodDisruptionBudget> = {
  metadataRules: 'generic',
  unconditionalUpdate: false,
  generation: 'spec',
  prepareForCreate: emptyStatus({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }),
  validate: ({ spec = {} }, previous) => {
    const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
    return [
      ...(minAvailable !== undefined && maxUnavailable !== undefined
        ? [invalidValue('spec', goValue('policy.PodDisruptionBudgetSpec', spec), 'minAvailable and maxUnavailable cannot be both set')]
        : []),
      ...validateBound('spec.minAvailable', minAvailable),
      ...validateBound('spec.maxUnavailable', maxUnavailable),
      ...validateLabelSelector(selector, 'spec.selector', { strict: !previous }),
      ...(policy === undefined || POLICIES.includes(policy) ? [] : [notSupported('spec.unhealthyPodEvictionPolicy', policy, POLICIES)]),
    ];
  },
  validateStatusUpdate: ({ status }) => [
    ...conditionErrors(status?.conditions ?? [], 'status.conditions'),
    ...validateCounts(status, ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']),
  ],
  table: {
    columns: [
      nameColumn,
      column('Min Available', 'string', 'The minimum number of pods that must be available.'),
      column('Max Unavailable', 'string', 'The maximum number of pods that may be unavailable.'),
      column('Allowed Disruptions', 'integer', 'Calculated number of pods that may be disrupted at this time.'),
      ageColumn,
    ],
    cells: (budget, now) => [
      budget.metadata.name,
      String(budget.spec?.minAvailable ?? 'N/A'),
      String(budget.spec?.maxUnavailable ?? 'N/A'),
      budget.status?.disruptionsAllowed ?? 0,
      ageOf(budget, now),
    ],
  },
};

const POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

const validateBound = (path: string, value: IntOrPercent | undefined): FieldError[] =>
  value === undefined ? [] : [...validateIntOrPercent(path, value), ...validateAtMost100Percent(path, value)];
