import type { PolicyRule } from '../../schema/generated/kinds.ts';

/**
 * The parts of some rules that others do not permit, each down to one verb on one resource (component-helpers/auth/rbac/validation, Covers): none when the
 * others permit all of it.
 */
export function uncovered(wanted: readonly PolicyRule[], owned: readonly PolicyRule[]): PolicyRule[] {
  const owners = owned.map(ownerOf);
  const missing: PolicyRule[] = [];
  let examined = 0;
  for (const rule of wanted) {
    if (owners.some((owner) => covers(owner, rule))) continue;
    for (const part of partsOf(rule)) {
      if (!owners.some((owner) => covers(owner, part))) missing.push(part);
      // A rule is a product of lists, and may have more parts than anybody wants to know of. What was not looked at is not covered.
      if (++examined === MOST_PARTS) return [...missing, rule];
    }
  }
  return missing;
}

const MOST_PARTS = 20_000;

/** A rule as rules of one verb, one group, one resource and one name each. */
function* partsOf({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): Generator<PolicyRule> {
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) yield part;
        for (const name of resourceNames) yield { ...part, resourceNames: [name] };
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) yield { nonResourceURLs: [url], verbs: [verb] };
}

/** A rule that is held, to be looked up in. */
interface Owner {
  readonly verbs: ReadonlySet<string>;
  readonly apiGroups: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly resourceNames: ReadonlySet<string>;
  readonly urls: readonly string[];
}

const ownerOf = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs = [] }: PolicyRule): Owner => ({
  verbs: new Set(verbs),
  apiGroups: new Set(apiGroups),
  resources: new Set(resources),
  resourceNames: new Set(resourceNames),
  urls: nonResourceURLs,
});

/** Whether one rule permits all of another, or a part of one. */
function covers(owner: Owner, { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): boolean {
  return (
    verbs.every((verb) => has(owner.verbs, verb)) &&
    apiGroups.every((group) => has(owner.apiGroups, group)) &&
    resources.every((resource) => hasResource(owner.resources, resource)) &&
    nonResourceURLs.every((url) => hasUrl(owner.urls, url)) &&
    (resources.length === 0 || hasNames(owner.resourceNames, resourceNames))
  );
}

const has = (all: ReadonlySet<string>, one: string): boolean => all.has('*') || all.has(one);

// `*` stands for all resources, and `*/scale` for a subresource of all.
function hasResource(all: ReadonlySet<string>, one: string): boolean {
  const slash = one.indexOf('/');
  return has(all, one) || (slash >= 0 && all.has(`*${one.slice(slash)}`));
}

/** No names are all of them. */
const hasNames = (all: ReadonlySet<string>, some: readonly string[]): boolean => all.size === 0 || (some.length > 0 && some.every((name) => all.has(name)));

const hasUrl = (all: readonly string[], one: string): boolean =>
  all.some((pattern) => pattern === one || (pattern.endsWith('*') && one.startsWith(pattern.replace(/\*+$/, ''))));
