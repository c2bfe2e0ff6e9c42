import { selectedPods } from '../../apis/label-selection.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type LabelRequirements, matchesLabels, parseLabelSelector } from '../../kube/selectors.ts';
import { StatusError } from '../../kube/status.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { AUTOSCALERS, scaleTargetOf } from './scale-target.ts';

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
  return state.list(AUTOSCALERS, metadata.namespace).flatMap((other) => {
    if (other.metadata.name === metadata.name) return [];
    return pods.some((pod) => isSelected(pod.metadata.labels, other, state)) ? [other.metadata.name] : [];
  });
}

/** Whether the scale of an autoscaler's target selects pods with these labels. */
export function isSelected(labels: Readonly<Record<string, string>> | undefined, autoscaler: HorizontalPodAutoscaler, state: State): boolean {
  const requirements = requirementsOf(autoscaler, state);
  return requirements !== undefined && requirements.length > 0 && matchesLabels(requirements, labels);
}

function requirementsOf(autoscaler: HorizontalPodAutoscaler, state: State): LabelRequirements | undefined {
  const target = scaleTargetOf(autoscaler, state);
  if ('error' in target) return undefined;
  const { object, scaling } = target;
  let requirements = ofTargets.get(object);
  if (!requirements) {
    requirements = parsed(scaling.selector(object));
    ofTargets.set(object, requirements);
  }
  return requirements instanceof StatusError ? undefined : requirements;
}

const ofTargets = new WeakMap<KubeObject, LabelRequirements | StatusError>();

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
