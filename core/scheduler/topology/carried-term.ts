import type { Affinities, AffinityTerm } from './affinity-terms.ts';

/** A term of a pod that has a node, held against the pods that come after it. */
export interface CarriedTerm {
  /** `anti`: it keeps pods that it is about away; the others make places better or worse for them. */
  readonly kind: 'anti' | 'required' | 'preferred';
  readonly weight: number;
  readonly term: AffinityTerm;
  /** Of its kind and its term: equal ones are counted together. */
  readonly text: string;
}

export const carriedBy = ({ required, requiredAnti, preferred }: Affinities): readonly CarriedTerm[] => [
  ...requiredAnti.map((term) => carried('anti', term, 1)),
  ...required.map((term) => carried('required', term, 1)),
  ...preferred.map(({ term, weight }) => carried('preferred', term, weight)),
];

const carried = (kind: CarriedTerm['kind'], term: AffinityTerm, weight: number): CarriedTerm => ({ kind, weight, term, text: `${kind} ${term.text}` });
