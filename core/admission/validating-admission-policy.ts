import type { StatusError } from '../kube/status.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from './plugin.ts';
import { invocationsOf, type Misconfigured } from './policies/dispatch.ts';
import { isExempt } from './policies/exempt.ts';
import { type Bound, policiesInForce } from './policies/in-force.ts';
import { ValidatingPolicy, type Violation } from './policies/validating-policy.ts';

/** Refuses, warns and notes for the audit what the ValidatingAdmissionPolicies of the cluster say (k8s.io/apiserver/pkg/admission/plugin/policy/validating, dispatcher.go). */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(review) {
    const { inForce } = review.state.view(validatingPolicies);
    if (inForce.length === 0 || isExempt(review)) return;
    const invocations = invocationsOf(review, inForce);
    if (!invocations || invocations.length === 0) return;
    const findings = new Findings(review);
    for (const one of invocations) {
      if ('message' in one) findings.misconfigured(one);
      else findings.add(one.policy.name, one.binding, one.policy.evaluator.validate(one.input));
    }
    findings.settle();
  },
};

const validatingPolicies = policiesInForce({
  policies: 'validatingadmissionpolicies.admissionregistration.k8s.io',
  bindings: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  compile: (policy) => new ValidatingPolicy(policy),
});

/** What all policies have found. */
class Findings {
  readonly #review: AdmissionReview;
  #refusal: StatusError | undefined;
  /** The values of annotations, by their keys: several bindings may give several. */
  readonly #annotations = new Map<string, Set<string>>();
  #failure: string | undefined;

  constructor(review: AdmissionReview) {
    this.#review = review;
  }

  misconfigured({ policy, binding, message }: Misconfigured<ValidatingPolicy>): void {
    if (!policy.evaluator.ignoresErrors) this.#deny(policy.name, binding, { message });
  }

  add(policy: string, binding: Bound, { violations, annotations, annotationErrors }: ReturnType<ValidatingPolicy['validate']>): void {
    for (const violation of violations) for (const action of binding.validationActions) this.#act(action, { policy, binding, violation });
    for (const { key, value } of annotations) this.#collect(`${policy}/${key}`, value);
    for (const message of annotationErrors) this.#deny(policy, binding, { message });
  }

  /** Throws the first refusal. */
  settle(): void {
    for (const [key, values] of this.#annotations) this.#review.annotate(key, [...values].join(', '));
    if (this.#failure !== undefined) this.#review.annotate('validation.policy.admission.k8s.io/validation_failure', this.#failure);
    if (this.#refusal) throw this.#refusal;
  }

  #act(action: string, { policy, binding, violation }: { policy: string; binding: Bound; violation: Violation }): void {
    switch (action) {
      case 'Deny':
        this.#deny(policy, binding, violation);
        return;
      case 'Warn':
        this.#review.warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding.name}': ${violation.message}`);
        return;
      case 'Audit':
        this.#failure ??= failureText(binding, violation);
    }
  }

  #deny(policy: string, binding: Bound | undefined, { message, reason }: Pick<Violation, 'message'> & Partial<Violation>): void {
    this.#refusal ??= denial(
      this.#review,
      `ValidatingAdmissionPolicy '${policy}'${binding ? ` with binding '${binding.name}'` : ''} denied request: ${message}`,
      reason,
    );
  }

  #collect(key: string, value: string): void {
    const values = this.#annotations.get(key) ?? new Set();
    this.#annotations.set(key, values.add(cut(value)));
  }
}

/** How long the value of an annotation may be, in bytes. */
const MAX_ANNOTATION = 10 * 1024;

const cut = (value: string): string => (Buffer.byteLength(value) > MAX_ANNOTATION ? Buffer.from(value).subarray(0, MAX_ANNOTATION).toString() : value);

/** As Go's encoder writes it, for which `<` may be HTML. */
const failureText = ({ name, policyName, validationActions }: Bound, { index, message }: Violation): string =>
  JSON.stringify([{ message, policy: policyName, binding: name, expressionIndex: index, validationActions }]).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

function denial(review: AdmissionReview, message: string, reason = 'Invalid'): StatusError {
  const error = refusal(review, message);
  const { status } = error;
  Object.assign(status, { reason, code: CODES[reason] ?? 422, details: { ...status.details, causes: [{ message }] } });
  return error;
}
