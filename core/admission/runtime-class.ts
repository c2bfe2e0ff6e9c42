import { same } from '../kube/object.ts';
import type { PodSpec, RuntimeClass, Toleration } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';

/** Copies the overhead and the scheduling of its RuntimeClass into a new pod, and refuses a pod that says otherwise (plugin/pkg/admission/runtimeclass). */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(review) {
    const spec = writeTo(review, 'pods', 'CREATE')?.object.spec;
    const { overhead, scheduling } = (spec && classOf(spec, review)) ?? {};
    if (!spec) return;
    if (overhead?.podFixed) {
      if (spec.overhead && !same(spec.overhead, overhead.podFixed)) throw refusal(review, MISMATCH);
      spec.overhead = { ...overhead.podFixed };
    }
    if (scheduling?.nodeSelector) spec.nodeSelector = merged(spec.nodeSelector, scheduling.nodeSelector, review);
    for (const toleration of scheduling?.tolerations ?? []) {
      if (!spec.tolerations?.some((own) => same(own, toleration))) spec.tolerations = [...(spec.tolerations ?? []), { ...(toleration as Toleration) }];
    }
  },
  validate(review) {
    const spec = writeTo(review, 'pods', 'CREATE')?.object.spec;
    if (!spec?.overhead) return;
    const podFixed = classOf(spec, review)?.overhead?.podFixed;
    if (!podFixed) throw refusal(review, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    if (!same(podFixed, spec.overhead)) throw refusal(review, MISMATCH);
  },
};

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function classOf({ runtimeClassName }: PodSpec, review: AdmissionReview): RuntimeClass | undefined {
  if (runtimeClassName === undefined) return undefined;
  const found = review.state.get('runtimeclasses.node.k8s.io', undefined, runtimeClassName);
  if (!found) throw refusal(review, `pod rejected: RuntimeClass "${runtimeClassName}" not found`);
  return found;
}

function merged(own: PodSpec['nodeSelector'], ofClass: Record<string, string>, review: AdmissionReview): Record<string, string> {
  for (const [key, value] of Object.entries(ofClass)) {
    if (own?.[key] !== undefined && own[key] !== value) {
      throw refusal(review, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`);
    }
  }
  return { ...own, ...ofClass };
}
