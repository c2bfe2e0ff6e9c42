import { type GroupResource, type KubeObject, same } from '../../kube/object.ts';
import type { MatchResources, ParamRef } from '../../schema/generated/kinds.ts';
import { isOf } from '../../state/change.ts';
import type { View } from '../../state/view.ts';
import { Matcher } from '../matching/matcher.ts';

/** A policy that is bound to something, with its bindings. */
export interface InForce<E> {
  readonly name: string;
  /** None: it matches nothing, which Kubernetes does not let be. */
  readonly matcher: Matcher | undefined;
  readonly bindings: readonly Bound[];
  /** What it demands, compiled. */
  readonly evaluator: E;
}

/** A binding of a policy. */
export interface Bound {
  readonly name: string;
  readonly policyName: string;
  /** None: it holds wherever its policy does. */
  readonly matcher: Matcher | undefined;
  readonly paramRef: ParamRef | undefined;
  readonly validationActions: readonly string[];
}

/** The policies of one kind that are in force, by their names, each as it was compiled when it last changed (apiserver's policy/generic, policy_source.go). */
export type PoliciesInForce<E> = View<Policies<E>>;

interface Policies<E> {
  readonly inForce: readonly InForce<E>[];
  readonly policies: ReadonlyMap<string, Compiled<E>>;
  readonly bindings: ReadonlyMap<string, Bound>;
}

interface Compiled<E> extends Omit<InForce<E>, 'bindings'> {
  readonly spec: unknown;
}

interface PolicyLike extends KubeObject {
  readonly spec?: { readonly matchConstraints?: MatchResources };
}

interface BindingLike extends KubeObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly matchResources?: MatchResources;
    readonly paramRef?: ParamRef;
    readonly validationActions?: string[];
  };
}

interface Of<P, E> {
  readonly policies: GroupResource;
  readonly bindings: GroupResource;
  readonly compile: (policy: P) => E;
}

export function policiesInForce<P extends PolicyLike, E>({ policies: ofPolicies, bindings: ofBindings, compile }: Of<P, E>): PoliciesInForce<E> {
  const compiled = (policy: P, previous: Compiled<E> | undefined): Compiled<E> => {
    const { spec, metadata } = policy;
    // Its status says nothing of what it demands.
    if (previous && same(previous.spec, spec)) return previous;
    return { name: metadata.name, spec, matcher: spec?.matchConstraints && matcherOf(spec.matchConstraints), evaluator: compile(policy) };
  };
  return {
    of: [ofPolicies, ofBindings],
    initial: { inForce: [], policies: new Map(), bindings: new Map() },
    evolve(before, changes) {
      const policies = new Map(before.policies);
      const bindings = new Map(before.bindings);
      for (const change of changes) {
        const { type, object } = change;
        const { name } = object.metadata;
        if (isOf<GroupResource>(change, ofPolicies)) put(policies, name, type === 'DELETED' ? undefined : compiled(object as P, policies.get(name)));
        else put(bindings, name, type === 'DELETED' ? undefined : bound(object as BindingLike));
      }
      return { policies, bindings, inForce: together(policies, bindings) };
    },
  };
}

function put<T>(map: Map<string, T>, name: string, value: T | undefined): void {
  if (value === undefined) map.delete(name);
  else map.set(name, value);
}

function bound({ metadata: { name }, spec: { policyName = '', matchResources, paramRef, validationActions = [] } = {} }: BindingLike): Bound {
  return { name, policyName, matcher: matchResources && matcherOf(matchResources), paramRef, validationActions };
}

const matcherOf = ({ resourceRules, excludeResourceRules, matchPolicy, namespaceSelector, objectSelector }: MatchResources): Matcher =>
  new Matcher({ rules: resourceRules?.length ? resourceRules : 'any', excluded: excludeResourceRules, matchPolicy, namespaceSelector, objectSelector });

/** In the order of their names, and their bindings likewise: Kubernetes has them in any order. */
function together<E>(policies: ReadonlyMap<string, Compiled<E>>, bindings: ReadonlyMap<string, Bound>): InForce<E>[] {
  const byPolicy = Map.groupBy([...bindings.values()].sort(byName), ({ policyName }) => policyName);
  return [...byPolicy]
    .flatMap(([policyName, bindings]) => {
      const policy = policies.get(policyName);
      return policy ? [{ name: policy.name, matcher: policy.matcher, evaluator: policy.evaluator, bindings }] : [];
    })
    .sort(byName);
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
