import type { NamedRuleWithOperations } from '../../schema/generated/kinds.ts';
import type { GroupVersionResource, Requested } from './requested.ts';

/** One rule of a policy or a webhook (apiserver's pkg/admission/plugin/webhook/predicates/rules). */
export class Rule {
  readonly #operations: readonly string[];
  readonly #groups: readonly string[];
  readonly #versions: readonly string[];
  readonly #resources: readonly (readonly [resource: string, subresource: string])[];
  readonly #names: readonly string[];
  readonly #scope: string;

  constructor({ operations = [], apiGroups = [], apiVersions = [], resources = [], resourceNames = [], scope = '*' }: NamedRuleWithOperations) {
    this.#operations = operations;
    this.#groups = apiGroups;
    this.#versions = apiVersions;
    this.#resources = resources.map(split);
    this.#names = resourceNames;
    this.#scope = scope;
  }

  /** Whether it is about a request, or about the same one for another resource that has the same objects. */
  covers(requested: Requested, { group, version, resource }: GroupVersionResource = requested): boolean {
    return (
      isAmong(this.#operations, requested.operation) &&
      isAmong(this.#groups, group) &&
      isAmong(this.#versions, version) &&
      this.#resources.some(([own, subresource]) => isOneOf(own, resource) && isOneOf(subresource, requested.subresource)) &&
      this.#isInScope(requested, { group, resource }) &&
      (this.#names.length === 0 || this.#names.includes(requested.name))
    );
  }

  #isInScope({ namespace }: Requested, { group, resource }: Omit<GroupVersionResource, 'version'>): boolean {
    if (this.#scope === '*') return true;
    const isNamespaced = namespace !== '' && !(group === '' && resource === 'namespaces');
    return this.#scope === (isNamespaced ? 'Namespaced' : 'Cluster');
  }
}

const isAmong = (values: readonly string[], requested: string): boolean => values.includes('*') || values.includes(requested);
const isOneOf = (value: string, requested: string): boolean => value === '*' || value === requested;

function split(text: string): [resource: string, subresource: string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
}
