import { compareQuantities } from '../kube/quantity.ts';
import type { PodSpec, RuntimeClass, Toleration } from '../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';
import { mergedTolerations } from './tolerations.ts';

/** Copies the overhead and the scheduling of its RuntimeClass into a new pod, and refuses a pod that says otherwise (plugin/pkg/admission/runtimeclass). */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(review) {
    const spec = writeTo(review, 'pods', 'CREATE')?.object.spec;
    const { overhead, scheduling } = (spec && classOf(spec, review)) ?? {};
    if (!spec) return;
    if (overhead) {
      if (Object.keys(spec.overhead ?? {}).length > 0 && !isSame(spec.overhead, overhead.podFixed)) throw refusal(review, MISMATCH);
      if (overhead.podFixed) spec.overhead = { ...overhead.podFixed };
    }
    if (!scheduling) return;
    if (scheduling.nodeSelector) spec.nodeSelector = merged(spec.nodeSelector, scheduling.nodeSelector, review);
    const tolerations = mergedTolerations(spec.tolerations ?? [], (scheduling.tolerations ?? []) as Toleration[]);
    if (tolerations.length > 0) spec.tolerations = tolerations;
  },
  validate(review) {
    const spec = writeTo(review, 'pods', 'CREATE')?.object.spec;
    if (!spec) return;
    const overhead = classOf(spec, review)?.overhead;
    if (overhead && !isSame(spec.overhead, overhead.podFixed)) throw refusal(review, MISMATCH);
    if (!overhead && spec.overhead) throw refusal(review, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function classOf({ runtimeClassName }: PodSpec, review: AdmissionReview): RuntimeClass | undefined {
  if (runtimeClassName === undefined) return undefined;
  const found = review.state.get('runtimeclasses.node.k8s.io', undefined, runtimeClassName);
  if (!found) throw refusal(review, `pod rejected: RuntimeClass "${runtimeClassName}" not found`);
  return found;
}

/** Whether two lists have the same amounts, however these are written. */
function isSame(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0);
}

function merged(own: PodSpec['nodeSelector'], ofClass: Record<string, string>, review: AdmissionReview): Record<string, string> {
  for (const [key, value] of Object.entries(ofClass)) {
    if (own?.[key] !== undefined && own[key] !== value) {
      throw refusal(review, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`);
    }
  }
  return { ...own, ...ofClass };
}
