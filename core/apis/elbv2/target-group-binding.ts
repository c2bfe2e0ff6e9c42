import type { KubeObject } from '../../kube/object.ts';

export const TARGET_GROUP_BINDINGS = 'targetgroupbindings.elbv2.k8s.aws';

/** As far as it is read here of the definition that comes with the AWS Load Balancer Controller; a client that has written its own may leave out anything. */
export interface TargetGroupBinding extends KubeObject {
  readonly spec?: {
    readonly serviceRef?: { readonly name?: string; readonly port?: number | string };
    readonly targetType?: string;
  };
}

/** The condition by which a pod knows that it is a healthy target of the binding (pkg/targetgroupbinding, BuildTargetHealthPodConditionType). */
export const targetHealthCondition = (binding: string): string => `${PREFIX}${binding}`;

/** The binding that a condition of this type is about, if it is about one. */
export const bindingOfCondition = (conditionType: string): string | undefined =>
  conditionType.startsWith(PREFIX) ? conditionType.slice(PREFIX.length) : undefined;

const PREFIX = 'target-health.elbv2.k8s.aws/';

/** Where the targets are pods: nodes have no readiness gates. */
export const isOfPods = ({ spec }: TargetGroupBinding): boolean => spec?.targetType === 'ip';
