import { apisOf } from '../apis/apis.ts';
import { apiVersionOf, type GroupVersionKind } from '../kube/group-version-kind.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { notFound, type StatusError, serviceUnavailable } from '../kube/status.ts';
import { definitionOf, schemaOf } from '../schema/built-in-types.ts';
import type { TypeSchema } from '../schema/schema.ts';
import { connectOptions } from './matching/connect-options.ts';
import type { Input } from './matching/input.ts';
import { type AdmissionPlugin, type MutatingReview, refusal } from './plugin.ts';
import { type Invocation, invocationsOf, type Misconfigured } from './policies/dispatch.ts';
import { isExempt } from './policies/exempt.ts';
import { type InForce, policiesInForce } from './policies/in-force.ts';
import { MutatingPolicy } from './policies/mutating-policy.ts';
import { MutationError } from './policies/mutations.ts';
import type { Reinvocation } from './reinvocation.ts';

const NAME = 'MutatingAdmissionPolicy';

/**
 * Changes objects as the MutatingAdmissionPolicies of the cluster say (k8s.io/apiserver/pkg/admission/plugin/policy/mutating, dispatcher.go). What they set has no field manager: the
 * owners of fields are known by then.
 */
export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: NAME,
  mutate(review) {
    // There is nothing to change of what is deleted.
    if (review.operation === 'DELETE') return;
    const { inForce } = review.state.view(mutatingPolicies);
    if (inForce.length === 0 || isExempt(review)) return;
    const invocations = invocationsOf(review, inForce);
    if (!invocations || invocations.length === 0) return;
    const mutating = new Mutating(review);
    const configured: Invocation<MutatingPolicy>[] = [];
    for (const one of invocations) {
      if ('message' in one) mutating.fail({ ...one, reason: undefined });
      else configured.push(one);
    }
    if (mutating.run(configured)) mutating.settle();
  },
};

const mutatingPolicies = policiesInForce({
  policies: 'mutatingadmissionpolicies.admissionregistration.k8s.io',
  bindings: 'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  compile: (policy) => new MutatingPolicy(policy),
});

interface PolicyError extends Misconfigured<MutatingPolicy> {
  readonly reason: string | undefined;
}

/** One turn of all policies over the object of a review. */
class Mutating {
  readonly #review: MutatingReview;
  readonly #errors: PolicyError[] = [];
  readonly #memory: Memory;
  #isChanged = false;

  constructor(review: MutatingReview) {
    this.#review = review;
    this.#memory = review.reinvocation.memory(NAME, () => new Memory());
  }

  /** Whether it came to an end: otherwise a webhook that has to convert the object has been asked. */
  run(invocations: readonly Invocation<MutatingPolicy>[]): boolean {
    if (invocations.length === 0) return true;
    const { reinvocation } = this.#review;
    if (reinvocation.isReinvoke && !same(this.#memory.output, this.#review.object)) this.#memory.requireAll();
    checkNamespace(invocations[0]!.input);
    const done = invocations.every((invocation) => this.#invoke(invocation, reinvocation));
    if (this.#isChanged) {
      this.#memory.requireAll();
      reinvocation.isRequested = true;
    }
    this.#memory.output = this.#review.object;
    return done;
  }

  /** Notes what keeps a policy from being evaluated, unless it ignores that. */
  fail(error: PolicyError): void {
    if (!error.policy.evaluator.ignoresErrors) this.#errors.push(error);
  }

  /** Throws the Status for all that went wrong. */
  settle(): void {
    if (this.#errors.length > 0) throw denial(this.#review, this.#errors);
  }

  #invoke({ policy, binding, input }: Invocation<MutatingPolicy>, reinvocation: Reinvocation): boolean {
    const { conditions, mutations, isReinvocable } = policy.evaluator;
    const object = this.#shown(input.matched.kind);
    if (input.object && !object) return false;
    const outcome = conditions.evaluate({ ...input, object });
    if ('error' in outcome) {
      this.fail({ policy, binding, message: outcome.error, reason: 'Invalid' });
      return true;
    }
    if (!outcome.matches) return true;
    const { namespace = '', name = '' } = input.params?.metadata ?? {};
    const key = JSON.stringify([policy.name, binding.name, namespace, name]);
    if (reinvocation.isReinvoke && !this.#memory.due.has(key)) return true;
    for (const mutation of mutations) {
      const current = this.#shown(input.matched.kind);
      if (!current) return input.object === undefined;
      try {
        const type = typeOf(this.#review, input.matched.kind);
        const value = policy.evaluator.evaluate(mutation, { ...input, object: current });
        const mutated = mutation.mutate({ object: current, kind: input.matched.kind, type }, value);
        if (!this.#put(mutated)) return false;
        this.#isChanged = true;
      } catch (error) {
        if (!(error instanceof MutationError)) throw error;
        this.fail({ policy, binding, message: error.message, reason: 'Invalid' });
      }
    }
    if (isReinvocable) this.#memory.invoked.add(key);
    return true;
  }

  #shown(kind: GroupVersionKind): KubeObject | undefined {
    const { operation, object, inVersion } = this.#review;
    if (operation === 'CONNECT') return connectOptions(kind, this.#review);
    return object && inVersion(object, apiVersionOf(kind));
  }

  /** The object as it is to be, in the version that it came in and with its defaults. */
  #put(mutated: KubeObject): boolean {
    const { object, resource, inVersion } = this.#review;
    const stored = inVersion(mutated, object!.apiVersion);
    if (!stored) return false;
    if (stored.kind === resource.kind) resource.strategy.defaults?.(stored);
    this.#review.object = stored;
    return true;
  }
}

/** What the policies remember from their first turn (reinvocationcontext.go). */
class Memory {
  /** The object as they left it. */
  output: KubeObject | undefined;
  /** Those that may be asked again, since the object last changed, */
  readonly invoked = new Set<string>();
  /** and those that are to be. */
  readonly due = new Set<string>();

  requireAll(): void {
    for (const key of this.invoked) this.due.add(key);
    this.invoked.clear();
  }
}

/** Throws 404. */
function checkNamespace({ requested: { namespace, kind }, namespace: found }: Input): void {
  if (namespace && !found && kind.kind !== 'Namespace') throw notFound({ group: '', resource: 'namespaces' }, namespace);
}

/** Throws 503 for a kind that Kubernetes' OpenAPI does not have: the options of connections. */
function typeOf({ state }: MutatingReview, kind: GroupVersionKind): TypeSchema {
  const apiVersion = apiVersionOf(kind);
  const served = apisOf(state)
    .ofKind(apiVersion, kind.kind)
    ?.versions.find(({ version }) => version === kind.version)?.type;
  const definition = served ? undefined : definitionOf(apiVersion, kind.kind);
  const type = served ?? (definition === undefined ? undefined : schemaOf(definition));
  if (type) return type;
  throw serviceUnavailable(
    `Resource kind ${kind.group}/${kind.version}, Kind=${kind.kind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
  );
}

/** All that went wrong; the first says what the request is told (policy/generic, policy_dispatcher.go). */
function denial(review: MutatingReview, errors: readonly PolicyError[]): StatusError {
  const error = refusal(review, 'admission request denied by policy');
  const { status } = error;
  const messages = errors.map(({ policy, binding, message }) => `${named(policy, binding)} denied request: ${message}`);
  Object.assign(status, {
    message: messages[0],
    reason: errors[0]!.reason ?? status.reason,
    details: { ...status.details, causes: messages.map((message) => ({ message })) },
  });
  return error;
}

const named = (policy: InForce<MutatingPolicy>, binding: Misconfigured<MutatingPolicy>['binding']): string =>
  binding ? `policy '${policy.name}' with binding '${binding.name}'` : `policy ${JSON.stringify(policy.name)}`;
