import { selectedPods, selecting, selectorIndex } from '../../apis/label-selection.ts';
import { groupVersionOf } from '../../kube/group-version-kind.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import { type LabelRequirements, matchesLabels, parseLabelSelector } from '../../kube/selectors.ts';
import { StatusError } from '../../kube/status.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { AUTOSCALERS, byTarget, scaleTargetOf, targetPlace } from './scale-target.ts';

/** Why it is not known which pods an autoscaler is about: the reason of the Event, and what the condition says (horizontal.go, validateAndParseSelector). */
export interface SelectorProblem {
  readonly event: string;
  readonly message: string;
  readonly reason: string;
  readonly condition: string;
}

/** The pods that the selector of a scale selects. No two autoscalers may have one of them. */
export function targetPods(autoscaler: HorizontalPodAutoscaler, selector: string, state: State): readonly Pod[] | SelectorProblem {
  const { namespace = '' } = autoscaler.metadata;
  if (selector === '')
    return {
      event: 'SelectorRequired',
      message: 'selector is required',
      reason: 'InvalidSelector',
      condition: "the HPA target's scale is missing a selector",
    };
  const requirements = parsed(selector);
  if (requirements instanceof StatusError) {
    const message = `couldn't convert selector into a corresponding internal selector object: ${requirements.status.message}`;
    return { event: 'InvalidSelector', message, reason: 'InvalidSelector', condition: message };
  }
  const pods = selectedBy(requirements, namespace, state);
  const others = othersOn(pods, autoscaler, state);
  if (others.length === 0) return pods;
  const names = [autoscaler.metadata.name, ...others].sort().map((name) => `{${namespace} ${name}}`);
  const message = `pods by selector ${selector} are controlled by multiple HPAs: [${names.join(' ')}]`;
  return { event: 'AmbiguousSelector', message, reason: 'AmbiguousSelector', condition: message };
}

/** One requirement is looked up, the others are held against what is found. */
function selectedBy(requirements: LabelRequirements, namespace: string, state: State): readonly Pod[] {
  const equal = requirements.find(({ operator }) => operator === '=' || operator === '==');
  const candidates = selectedPods({ ...(equal && { matchLabels: { [equal.key]: equal.values[0]! } }) }, namespace, state);
  return requirements.length === 1 && equal ? candidates : candidates.filter(({ metadata }) => matchesLabels(requirements, metadata.labels));
}

/** The other autoscalers of the namespace that one of the pods belongs to. */
function othersOn(pods: readonly Pod[], { metadata }: HorizontalPodAutoscaler, state: State): string[] {
  const [first] = pods;
  // Those of one template have the same.
  const differing = pods.filter((pod) => pod === first || !same(pod.metadata.labels, first!.metadata.labels));
  const names = new Set(differing.flatMap((pod) => autoscalersOf(pod, state).map((autoscaler) => autoscaler.metadata.name)));
  names.delete(metadata.name);
  return [...names];
}

/** The autoscalers whose targets' scales select a pod. */
export function autoscalersOf(pod: Pod, state: State): HorizontalPodAutoscaler[] {
  const { namespace = '', labels } = pod.metadata;
  const ofWorkloads = workloads.flatMap(({ kind, apiVersion, selectors }) =>
    selecting<KubeObject>(selectors, pod, state).flatMap(({ metadata: { name } }) => state.by(byTarget, targetPlace(namespace, { apiVersion, kind, name }))),
  );
  return [...ofWorkloads, ...state.by(ofOtherKinds, namespace).filter((autoscaler) => isSelected(labels, autoscaler, state))];
}

const workloads = [
  { apiVersion: 'apps/v1', kind: 'Deployment', selectors: selectorIndex('deployments.apps', ({ spec }) => spec?.selector) },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', selectors: selectorIndex('replicasets.apps', ({ spec }) => spec?.selector) },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', selectors: selectorIndex('statefulsets.apps', ({ spec }) => spec?.selector) },
  {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    selectors: selectorIndex('replicationcontrollers', ({ spec }) => (spec?.selector ? { matchLabels: spec.selector } : undefined)),
  },
];

/** By namespace, the autoscalers of what is no workload of Kubernetes' own: where a custom object has its selector, its definition says. */
const ofOtherKinds = index([AUTOSCALERS], (_key, { metadata, spec }: HorizontalPodAutoscaler) => {
  const { apiVersion = '', kind } = spec.scaleTargetRef;
  const isWorkload = workloads.some((of) => of.kind === kind && groupVersionOf(of.apiVersion).group === groupVersionOf(apiVersion).group);
  return isWorkload ? [] : [metadata.namespace ?? ''];
});

function isSelected(labels: Readonly<Record<string, string>> | undefined, autoscaler: HorizontalPodAutoscaler, state: State): boolean {
  const requirements = requirementsOf(autoscaler, state);
  return requirements !== undefined && requirements.length > 0 && matchesLabels(requirements, labels);
}

function requirementsOf(autoscaler: HorizontalPodAutoscaler, state: State): LabelRequirements | undefined {
  const target = scaleTargetOf(autoscaler, state);
  if ('error' in target) return undefined;
  const requirements = parsed(target.scaling.selector(target.object));
  return requirements instanceof StatusError ? undefined : requirements;
}

// Workloads keep their selectors: each is parsed once.
const known = new Map<string, LabelRequirements | StatusError>();
const MOST_KNOWN = 1_000;

function parsed(selector: string): LabelRequirements | StatusError {
  let requirements = known.get(selector);
  if (requirements) return requirements;
  try {
    requirements = parseLabelSelector(selector);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    requirements = error;
  }
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(selector, requirements);
  return requirements;
}
