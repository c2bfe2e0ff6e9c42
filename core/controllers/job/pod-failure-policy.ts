import type { ContainerStatus, Pod, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from '../../schema/generated/kinds.ts';

/** What a Job's `podFailurePolicy` says of a failed pod (pkg/controller/job/pod_failure_policy.go). */
interface FailureRuling {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  /** Why the Job fails, for FailJob. */
  message: string;
}

/** The first rule that matches decides; a failure that none matches counts. */
export function rulingOn(pod: Pod, policy: PodFailurePolicy | undefined): FailureRuling {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const what = matched(pod, rule);
    if (what) return { action: rule.action as FailureRuling['action'], message: `${what} matching ${rule.action} rule at index ${i}` };
  }
  return { action: 'Count', message: '' };
}

function matched({ metadata: { namespace, name }, status }: Pod, { onExitCodes, onPodConditions }: PodFailurePolicyRule): string | undefined {
  if (onExitCodes) {
    const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    const failed = statuses.find((container) => exitMatches(container, onExitCodes));
    return failed && `Container ${failed.name} for pod ${namespace}/${name} failed with exit code ${failed.state!.terminated!.exitCode}`;
  }
  const condition = status?.conditions?.find(({ type, status }) => onPodConditions?.some((pattern) => pattern.type === type && pattern.status === status));
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function exitMatches({ name, state }: ContainerStatus, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  const exitCode = state?.terminated?.exitCode;
  if (!exitCode || (containerName !== undefined && containerName !== name)) return false;
  return operator === 'In' ? values.includes(exitCode) : operator === 'NotIn' && !values.includes(exitCode);
}
