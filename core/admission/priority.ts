import type { Pod, PriorityClass } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';

/** Writes the priority of its class into a new pod, and sees to it that pods without a class get one priority (plugin/pkg/admission/priority). */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(review) {
    const { object: pod, old } = writeTo(review, 'pods', 'CREATE', 'UPDATE') ?? {};
    if (!pod?.spec) return;
    if (old) keepPriority(pod, old);
    else resolvePriority(pod, review);
  },
  validate(review) {
    const priorityClass = writeTo(review, CLASSES, 'CREATE', 'UPDATE')?.object;
    if (!priorityClass?.globalDefault) return;
    const other = defaultClass(review.state);
    if (other && (review.operation === 'CREATE' || other.metadata.name !== priorityClass.metadata.name))
      throw refusal(review, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
  },
};

const CLASSES = 'priorityclasses.scheduling.k8s.io' as const;

/** The classes that every cluster has, for one in which they have not been created. */
const systemPriorities: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

/** 403 when the class does not exist, or when the pod says another value than its class. */
function resolvePriority(pod: Pod, review: AdmissionReview): void {
  const spec = pod.spec!;
  const named = spec.priorityClassName;
  const found = named ? review.state.get(CLASSES, undefined, named) : defaultClass(review.state);
  if (named && !found && !Object.hasOwn(systemPriorities, named)) throw refusal(review, `no PriorityClass with name ${named} was found`);
  const computed = found?.value ?? (named ? systemPriorities[named]! : 0);
  const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.priority !== undefined && spec.priority !== computed) {
    throw refusal(
      review,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw refusal(
      review,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  if (found) spec.priorityClassName = found.metadata.name;
  spec.priority = computed;
  spec.preemptionPolicy = preemptionPolicy;
}

/** An update that leaves out what was computed keeps it. */
function keepPriority(pod: Pod, old: Pod): void {
  const { priority: before, preemptionPolicy } = old.spec ?? {};
  if (before !== undefined) pod.spec!.priority ??= before;
  if (preemptionPolicy !== undefined) pod.spec!.preemptionPolicy ??= preemptionPolicy;
}

/** Of several classes that all claim to be the default, the one with the lowest value. */
function defaultClass(state: State): PriorityClass | undefined {
  const marked = state.by(defaults, 'true');
  return marked.reduce<PriorityClass | undefined>((lowest, other) => (lowest && (lowest.value ?? 0) <= (other.value ?? 0) ? lowest : other), undefined);
}

/** The classes that claim to be the default stand under `true`. */
const defaults = index([CLASSES], (_key, { globalDefault }) => (globalDefault ? ['true'] : []));
