import { apisOf } from '../../apis/apis.ts';
import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import { selects, selectsEverything } from '../../kube/label-selector.ts';
import { notFound } from '../../kube/status.ts';
import type { LabelSelector, NamedRuleWithOperations } from '../../schema/generated/kinds.ts';
import type { AdmissionReview } from '../plugin.ts';
import { equivalentsOf } from './equivalents.ts';
import type { GroupVersionResource, Requested } from './requested.ts';
import { Rule } from './rule.ts';

/** What a policy, a binding or a webhook says of the requests that it is for. */
export interface Criteria {
  /** `any`: it is for all of them. */
  readonly rules: readonly NamedRuleWithOperations[] | 'any';
  readonly excluded?: readonly NamedRuleWithOperations[] | undefined;
  readonly matchPolicy?: string | undefined;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly objectSelector: LabelSelector | undefined;
}

/** As what a request was matched: it is shown so. */
export interface Matched {
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
}

/** Whether a request is one that a policy, a binding or a webhook is for (apiserver's pkg/admission/plugin/policy/matching and webhook/predicates). */
export class Matcher {
  readonly #rules: readonly Rule[] | 'any';
  readonly #excluded: readonly Rule[];
  readonly #isExact: boolean;
  readonly #namespaceSelector: LabelSelector | undefined;
  readonly #objectSelector: LabelSelector | undefined;

  constructor({ rules, excluded = [], matchPolicy, namespaceSelector, objectSelector }: Criteria) {
    this.#rules = rules === 'any' ? rules : rules.map((rule) => new Rule(rule));
    this.#excluded = excluded.map((rule) => new Rule(rule));
    this.#isExact = matchPolicy !== 'Equivalent';
    this.#namespaceSelector = namespaceSelector;
    this.#objectSelector = objectSelector;
  }

  /** undefined: it is not. Throws 404 when there is no such namespace. */
  match(review: AdmissionReview, requested: Requested): Matched | undefined {
    const matched = this.#rules === 'any' ? asRequested(requested) : this.#byRules(this.#rules, review, requested);
    if (!matched || this.#byRules(this.#excluded, review, requested)) return undefined;
    if (!isSelectedByObject(this.#objectSelector, review) || !isSelectedByNamespace(this.#namespaceSelector, review, requested)) return undefined;
    return matched;
  }

  #byRules(rules: readonly Rule[], { state, resource: { storedAs } }: AdmissionReview, requested: Requested): Matched | undefined {
    if (rules.some((rule) => rule.covers(requested))) return asRequested(requested);
    if (this.#isExact || rules.length === 0) return undefined;
    const equivalents = equivalentsOf(requested, storedAs, apisOf(state));
    if (equivalents.length === 0) return undefined;
    for (const rule of rules) for (const other of equivalents) if (rule.covers(requested, other)) return { resource: other, kind: other.kind };
    return undefined;
  }
}

const asRequested = (requested: Requested): Matched => ({ resource: requested, kind: requested.kind });

/** By what the object is to be, or was. */
function isSelectedByObject(selector: LabelSelector | undefined, { object, old }: AdmissionReview): boolean {
  return selectsEverything(selector) || [object, old].some((one) => one?.metadata !== undefined && selects(selector, one.metadata.labels));
}

/** What is in no namespace is never exempted; a Namespace goes by its own labels. */
function isSelectedByNamespace(selector: LabelSelector | undefined, { state, object }: AdmissionReview, requested: Requested): boolean {
  const { namespace, resource, subresource, operation } = requested;
  if (namespace === '' && resource !== 'namespaces') return true;
  if (selectsEverything(selector)) return true;
  // A Namespace that is written has other labels by then than the one that is there.
  if (resource === 'namespaces' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE')) return selects(selector, object?.metadata.labels);
  const its = state.get('namespaces', undefined, namespace);
  if (!its) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  return selects(selector, its.metadata.labels);
}
