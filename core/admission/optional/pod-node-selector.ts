import { plainError } from '../../kube/status.ts';
import type { Namespace, Pod } from '../../schema/generated/kinds.ts';
import type { PodNodeSelectors } from '../admission-setting.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from '../plugin.ts';
import { type Labels, selectorLabels } from './selector-labels.ts';

/**
 * Keeps the pods of a namespace on the nodes that its annotation selects, and to the labels that the operator lets it select (Kubernetes documentation, "Admission
 * Control", PodNodeSelector; plugin/pkg/admission/podnodeselector).
 */
export const podNodeSelector = (selectors: PodNodeSelectors = {}): AdmissionPlugin => ({
  name: 'PodNodeSelector',
  mutate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    const namespace = pod && review.state.get('namespaces', undefined, review.namespace!);
    if (!namespace) return;
    const ofNamespace = selectorOf(namespace, selectors);
    refuseConflict(pod, ofNamespace, review);
    const nodeSelector = { ...ofNamespace, ...pod.spec?.nodeSelector };
    if (pod.spec && Object.keys(nodeSelector).length > 0) pod.spec.nodeSelector = nodeSelector;
    refuseForeign(pod, selectors, review);
  },
  validate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    const namespace = pod && review.state.get('namespaces', undefined, review.namespace!);
    if (!namespace) return;
    refuseConflict(pod, selectorOf(namespace, selectors), review);
    refuseForeign(pod, selectors, review);
  },
});

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

function selectorOf({ metadata: { annotations = {} } }: Namespace, selectors: PodNodeSelectors): Labels {
  return labelsIn(Object.hasOwn(annotations, ANNOTATION) ? annotations[ANNOTATION]! : (own(selectors, 'clusterDefaultNodeSelector') ?? ''));
}

function refuseConflict({ spec }: Pod, ofNamespace: Labels, review: AdmissionReview): void {
  const isOther = ([name, value]: [string, string]) => own(ofNamespace, name) !== undefined && own(ofNamespace, name) !== value;
  if (Object.entries(spec?.nodeSelector ?? {}).some(isOther)) throw refusal(review, 'pod node label selector conflicts with its namespace node label selector');
}

/** Refuses what the operator does not let the namespace select; a namespace of which the operator says nothing may select anything. */
function refuseForeign({ spec }: Pod, selectors: PodNodeSelectors, review: AdmissionReview): void {
  const allowed = labelsIn(own(selectors, review.namespace!) ?? '');
  const isForeign = ([name, value]: [string, string]) => own(allowed, name) !== value;
  if (Object.keys(allowed).length > 0 && Object.entries(spec?.nodeSelector ?? {}).some(isForeign)) {
    throw refusal(review, 'pod node label selector labels conflict with its namespace whitelist');
  }
}

/** Throws, as Kubernetes does, an error without a Status for what is no list of labels. */
function labelsIn(text: string): Labels {
  const labels = selectorLabels(text);
  if (typeof labels === 'string') throw plainError(labels);
  return labels;
}

const own = (labels: Labels, name: string): string | undefined => (Object.hasOwn(labels, name) ? labels[name] : undefined);
