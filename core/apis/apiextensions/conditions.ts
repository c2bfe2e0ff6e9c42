import type { ClusterInstant } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionStatus } from '../../schema/generated/kinds.ts';

export type ConditionType = 'NamesAccepted' | 'Established' | 'NonStructuralSchema' | 'Terminating' | 'KubernetesAPIApprovalPolicyConformant';

export type Condition = Omit<CustomResourceDefinitionCondition, 'type' | 'lastTransitionTime'> & { readonly type: ConditionType };

export const conditionOf = ({ status }: CustomResourceDefinition, type: ConditionType): CustomResourceDefinitionCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

export const isTrue = (definition: CustomResourceDefinition, type: ConditionType): boolean => conditionOf(definition, type)?.status === 'True';

/** A status with a condition in it, in the place of an earlier one; the time of its last transition stays as long as its status does. */
export function withCondition(
  status: CustomResourceDefinitionStatus,
  { type, status: is, ...rest }: Condition,
  now: ClusterInstant,
): CustomResourceDefinitionStatus {
  const conditions = status.conditions ?? [];
  const before = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === is && before.lastTransitionTime ? before.lastTransitionTime : timestamp(now);
  const condition = { type, status: is, lastTransitionTime, ...rest };
  return { ...status, conditions: before ? conditions.map((one) => (one === before ? condition : one)) : [...conditions, condition] };
}

/** The same status when it has no such condition. */
export function withoutCondition(status: CustomResourceDefinitionStatus, type: ConditionType): CustomResourceDefinitionStatus {
  const { conditions } = status;
  return conditions?.some((condition) => condition.type === type)
    ? { ...status, conditions: conditions.filter((condition) => condition.type !== type) }
    : status;
}
