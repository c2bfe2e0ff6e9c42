import { isOfPods, TARGET_GROUP_BINDINGS, type TargetGroupBinding, targetHealthCondition } from '../apis/elbv2/target-group-binding.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/**
 * In namespaces with its label, a pod that a load balancer sends requests to is ready only when it is a healthy target there (AWS Load Balancer Controller
 * documentation, "Pod readiness gate"; pkg/inject/pod_readiness). It stands where that controller's webhook would be called.
 */
export const podReadinessGates: AdmissionPlugin = {
  name: 'PodReadinessGateWebhook',
  mutate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    const { namespace, state } = review;
    if (!pod?.spec || !namespace || !isLabelled(namespace, state) || pod.metadata.labels?.['app.kubernetes.io/name'] === CONTROLLER) return;
    const missing = conditionsOf(pod, namespace, state);
    if (missing.length === 0) return;
    const gates = (pod.spec.readinessGates ?? []).filter(({ conditionType }) => !conditionType.startsWith(LEGACY));
    const added = missing.filter((conditionType) => gates.every((gate) => gate.conditionType !== conditionType));
    pod.spec.readinessGates = [...gates, ...added.map((conditionType) => ({ conditionType }))];
  },
};

const isLabelled = (namespace: string, state: State): boolean =>
  state.get('namespaces', undefined, namespace)?.metadata.labels?.['elbv2.k8s.aws/pod-readiness-gate-inject'] === 'enabled';

/** The objectSelector of its chart leaves out its own pods. */
const CONTROLLER = 'aws-load-balancer-controller';

/** Those that the ALB Ingress Controller once asked for give way. */
const LEGACY = 'target-health.alb.ingress.k8s.aws';

/** One for each binding to pods whose Service selects the pod. */
function conditionsOf({ metadata: { labels } }: Pod, namespace: string, state: State): string[] {
  const bindings = state.list(TARGET_GROUP_BINDINGS, namespace) as readonly TargetGroupBinding[];
  return bindings.filter(isOfPods).flatMap(({ metadata, spec }) => {
    const selector = Object.entries(state.get('services', namespace, spec?.serviceRef?.name ?? '')?.spec?.selector ?? {});
    const isTarget = selector.length > 0 && selector.every(([name, value]) => labels?.[name] === value);
    return isTarget ? [targetHealthCondition(metadata.name)] : [];
  });
}
