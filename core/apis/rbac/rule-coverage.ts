import type { PolicyRule } from '../../schema/generated/kinds.ts';

/**
 * The parts of some rules that others do not permit, each down to one verb on one resource (component-helpers/auth/rbac/validation, Covers): none when the
 * others permit all of it.
 */
export const uncovered = (wanted: readonly PolicyRule[], owned: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(broken).filter((part) => !owned.some((rule) => covers(rule, part)));

/** A rule as rules of one verb, one group, one resource and one name each. */
function broken({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) parts.push(part);
        for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  return parts;
}

/** Whether a rule permits what a part of another does. */
function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!has(rule.verbs, part.verbs[0]!)) return false;
  const url = part.nonResourceURLs?.[0];
  if (url !== undefined)
    return (rule.nonResourceURLs ?? []).some((pattern) => pattern === url || (pattern.endsWith('*') && url.startsWith(pattern.slice(0, -1))));
  const names = rule.resourceNames ?? [];
  const name = part.resourceNames?.[0];
  const named = names.length === 0 || (name !== undefined && names.includes(name));
  return named && has(rule.apiGroups ?? [], part.apiGroups![0]!) && hasResource(rule.resources ?? [], part.resources![0]!);
}

const has = (all: readonly string[], one: string): boolean => all.includes('*') || all.includes(one);

// `*` stands for all resources, and `*/scale` for a subresource of all.
function hasResource(all: readonly string[], one: string): boolean {
  const slash = one.indexOf('/');
  return has(all, one) || (slash >= 0 && all.includes(`*${one.slice(slash)}`));
}
