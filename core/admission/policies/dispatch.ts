import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import type { Namespace, ParamKind } from '../../schema/generated/kinds.ts';
import type { Input } from '../matching/input.ts';
import type { Matched } from '../matching/matcher.ts';
import { type Requested, requestedBy } from '../matching/requested.ts';
import { shownAs } from '../matching/shown.ts';
import type { AdmissionReview } from '../plugin.ts';
import type { Bound, InForce } from './in-force.ts';
import { ConfigurationError, paramResource, paramsOf } from './params.ts';

/** A policy that is to be evaluated for a request, with the parameters of a binding. */
export interface Invocation<E> {
  readonly policy: InForce<E>;
  readonly binding: Bound;
  readonly input: Input;
}

/** What keeps a policy from being evaluated. */
export interface Misconfigured<E> {
  readonly policy: InForce<E>;
  /** None: it is the policy itself that is wrong. */
  readonly binding: Bound | undefined;
  readonly message: string;
}

interface Parametrized {
  readonly paramKind: ParamKind | undefined;
}

/** Everything that policies are evaluated for, in their order; undefined: a webhook that has to convert objects has been asked. Throws 404 (no such namespace). */
export function invocationsOf<E extends Parametrized>(
  review: AdmissionReview,
  inForce: readonly InForce<E>[],
): (Invocation<E> | Misconfigured<E>)[] | undefined {
  const requested = requestedBy(review);
  const out: (Invocation<E> | Misconfigured<E>)[] = [];
  for (const policy of inForce) {
    const found = new Matching(review, requested, policy).invocations();
    if (!found) return undefined;
    out.push(...found);
  }
  return out;
}

/** Of one policy. */
class Matching<E extends Parametrized> {
  readonly #review: AdmissionReview;
  readonly #requested: Requested;
  readonly #policy: InForce<E>;

  constructor(review: AdmissionReview, requested: Requested, policy: InForce<E>) {
    this.#review = review;
    this.#requested = requested;
    this.#policy = policy;
  }

  invocations(): (Invocation<E> | Misconfigured<E>)[] | undefined {
    return this.#configured(undefined, () => {
      const matched = this.#policy.matcher?.match(this.#review, this.#requested);
      if (!matched) return [];
      const resource = paramResource(this.#review, this.#policy.evaluator.paramKind);
      return all(this.#policy.bindings, (binding) => this.#configured(binding, () => this.#bound(binding, matched, resource)));
    });
  }

  #bound(binding: Bound, matched: Matched, resource: ReturnType<typeof paramResource>): Invocation<E>[] | undefined {
    const { matcher, paramRef } = binding;
    if (matcher && !matcher.match(this.#review, this.#requested)) return [];
    const { namespace } = this.#requested;
    const { paramKind } = this.#policy.evaluator;
    const params = paramsOf(this.#review, { paramKind, resource, paramRef, namespace });
    if (!params) return undefined;
    if (params.length === 0) return [];
    const shown = this.#shown(matched);
    return shown && params.map((param) => this.#invocation(binding, { ...shown, matched, params: param }));
  }

  #shown({ kind }: Matched): ReturnType<typeof shownAs> {
    try {
      return shownAs(kind, this.#review);
    } catch (error) {
      throw error instanceof StatusError ? new ConfigurationError(`failed to convert object version: ${error.message}`) : error;
    }
  }

  #invocation(binding: Bound, shown: Pick<Input, 'object' | 'old' | 'matched'> & { readonly params: KubeObject | undefined }): Invocation<E> {
    return { policy: this.#policy, binding, input: { review: this.#review, requested: this.#requested, namespace: this.#namespace(), ...shown } };
  }

  /** None for a Namespace, which is in none. */
  #namespace(): Namespace | undefined {
    const { namespace, kind } = this.#requested;
    return namespace && !(kind.group === '' && kind.kind === 'Namespace') ? this.#review.state.get('namespaces', undefined, namespace) : undefined;
  }

  #configured<T>(binding: Bound | undefined, find: () => T[] | undefined): (T | Misconfigured<E>)[] | undefined {
    try {
      return find();
    } catch (error) {
      if (!(error instanceof ConfigurationError || error instanceof StatusError)) throw error;
      return [{ policy: this.#policy, binding, message: `failed to configure ${binding ? 'binding' : 'policy'}: ${error.message}` }];
    }
  }
}

/** What comes of each, in their order; undefined when it is not known of one yet. */
function all<T, U>(each: readonly T[], of: (one: T) => readonly U[] | undefined): U[] | undefined {
  const out: U[] = [];
  for (const one of each) {
    const found = of(one);
    if (!found) return undefined;
    out.push(...found);
  }
  return out;
}
