import type { Affinities, AffinityTerm } from './affinity-terms.ts';

/** A term of a pod that has a node, held against the pods that come after it. */
export interface CarriedTerm {
  /** `anti`: it keeps pods that it is about away; `score`: it makes places better or worse for them. */
  readonly kind: 'anti' | 'score';
  readonly weight: number;
  readonly term: AffinityTerm;
  /** Of its kind and its term: equal ones are counted together. */
  readonly text: string;
}

/** hardPodAffinityWeight (InterPodAffinityArgs): what it counts for in scores that a pod has to be near another. */
const HARD_POD_AFFINITY_WEIGHT = 1;

export const carriedBy = ({ required, requiredAnti, preferred }: Affinities): readonly CarriedTerm[] => [
  ...requiredAnti.map((term) => carried('anti', term, 1)),
  ...required.map((term) => carried('score', term, HARD_POD_AFFINITY_WEIGHT)),
  ...preferred.map(({ term, weight }) => carried('score', term, weight)),
];

const carried = (kind: CarriedTerm['kind'], term: AffinityTerm, weight: number): CarriedTerm => ({ kind, weight, term, text: `${kind} ${term.text}` });
