import type { PolicyRule } from '../../schema/generated/kinds.ts';
import type { Attributes } from '../authorizer.ts';

/** Whether the rules of a role permit what is asked (plugin/pkg/auth/authorizer/rbac, RuleAllows). They are compiled when they are first asked. */
export function permits(rules: readonly PolicyRule[], attributes: Attributes): boolean {
  let ofVerb = compiled.get(rules);
  if (!ofVerb) {
    ofVerb = compile(rules);
    compiled.set(rules, ofVerb);
  }
  const isPermitted = attributes.path === undefined ? resourceQuestion(attributes) : pathQuestion(attributes.path);
  return ofVerb.get(attributes.verb)?.some(isPermitted) || ofVerb.get('*')?.some(isPermitted) || false;
}

interface CompiledRule {
  readonly apiGroups: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  /** Empty: all. */
  readonly resourceNames: ReadonlySet<string>;
  readonly urls: readonly string[];
}

/** By the rules of a role as the state holds them: another version of the role has others. */
const compiled = new WeakMap<readonly PolicyRule[], ReadonlyMap<string, readonly CompiledRule[]>>();

/** Under each verb the rules that name it. That takes no more room than the rules do. */
function compile(rules: readonly PolicyRule[]): ReadonlyMap<string, readonly CompiledRule[]> {
  const ofVerb = new Map<string, CompiledRule[]>();
  for (const { verbs = [], apiGroups, resources, resourceNames, nonResourceURLs = [] } of rules) {
    const rule = { apiGroups: new Set(apiGroups), resources: new Set(resources), resourceNames: new Set(resourceNames), urls: nonResourceURLs };
    for (const verb of new Set(verbs)) {
      const others = ofVerb.get(verb);
      if (others) others.push(rule);
      else ofVerb.set(verb, [rule]);
    }
  }
  return ofVerb;
}

function resourceQuestion({ group, resource, subresource, name = '' }: Extract<Attributes, { path?: undefined }>): (rule: CompiledRule) => boolean {
  const combined = subresource ? `${resource}/${subresource}` : resource;
  // `*/scale` stands for a subresource of all resources.
  const ofAny = subresource ? `*/${subresource}` : combined;
  return ({ apiGroups, resources, resourceNames }) =>
    (resources.has(combined) || resources.has('*') || resources.has(ofAny)) &&
    (apiGroups.has(group) || apiGroups.has('*')) &&
    (resourceNames.size === 0 || resourceNames.has(name));
}

const pathQuestion =
  (path: string) =>
  ({ urls }: CompiledRule): boolean =>
    urls.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))));
