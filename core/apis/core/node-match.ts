import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../../schema/generated/kinds.ts';

/** Which nodes a pod asks for (k8s.io/component-helpers/scheduling/corev1): shared by the scheduler, the kubelet's admission and DaemonSets. */

/** `spec.nodeSelector` and the required node affinity: both must hold. */
export function matchesNode({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const name in nodeSelector) if (own(labels, name) !== nodeSelector[name]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}

/** Terms are alternatives; a selector without terms selects nothing. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean => nodeSelectorTerms.some((term) => matchesTerm(term, node));

/** The requirements of a term must all hold; a term without any selects nothing. */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => satisfies(requirement, own(node.metadata.labels, requirement.key))) &&
    matchFields.every((requirement) => requirement.key === 'metadata.name' && satisfies(requirement, node.metadata.name))
  );
}

/** A label, and not what every object has: `constructor` is a legal key. */
const own = (labels: Readonly<Record<string, string>> | undefined, key: string) => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined);

function satisfies({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && isInteger(value) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

const isInteger = (text: string) => /^[+-]?\d+$/.test(text);

/** Toleration.ToleratesTaint: an empty key tolerates every key, an empty effect every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.value ?? '') === (taint.value ?? '') && Boolean(toleration.key);
}

/** The first taint with one of these effects that none of the tolerations tolerates. */
export function untolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  if (!taints?.length) return undefined;
  const tolerated = Tolerations.of(tolerations);
  return taints.find((taint) => effects.includes(taint.effect) && tolerated.seconds(taint) === undefined);
}

/** The tolerations of a pod, looked up and not gone through: it may have thousands, and a node as many taints. */
export class Tolerations {
  /** The shortest time of each that differs in something else. */
  readonly #seconds = new Map<string, number>();

  /** Those of a pod, which every node is compared with: objects are never changed, so that they are read once. */
  static of(tolerations: readonly Toleration[] = NONE): Tolerations {
    let known = read.get(tolerations);
    if (!known) {
      known = new Tolerations(tolerations);
      read.set(tolerations, known);
    }
    return known;
  }

  private constructor(tolerations: readonly Toleration[]) {
    for (const { key = '', operator, value = '', effect = '', tolerationSeconds = Number.POSITIVE_INFINITY } of tolerations) {
      const text = textOf(key, effect, operator === 'Exists' ? undefined : value);
      this.#seconds.set(text, Math.min(tolerationSeconds, this.#seconds.get(text) ?? Number.POSITIVE_INFINITY));
    }
  }

  /** How long a taint is tolerated, Infinity when for ever; undefined when it is not. Of several tolerations the shortest counts (GetMinTolerationTime). */
  seconds({ key, value = '', effect }: Taint): number | undefined {
    let shortest: number | undefined;
    for (const anyOrOwn of ['', effect]) {
      // What tolerates every key has no value to compare.
      for (const text of [textOf('', anyOrOwn, undefined), textOf(key, anyOrOwn, undefined), textOf(key, anyOrOwn, value)]) {
        const seconds = this.#seconds.get(text);
        if (seconds !== undefined) shortest = Math.min(seconds, shortest ?? Number.POSITIVE_INFINITY);
      }
    }
    return shortest;
  }
}

const read = new WeakMap<readonly Toleration[], Tolerations>();

/** One and the same, so that those of pods without any are read once, too. */
const NONE: readonly Toleration[] = [];

const textOf = (key: string, effect: string, value: string | undefined) => `${effect} ${key}${value === undefined ? '' : `=${value}`}`;
