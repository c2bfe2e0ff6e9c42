import type { PolicyRule } from '../../schema/generated/kinds.ts';

/**
 * Rules of one verb, resource and name each as an error lists them: those of one resource together, a line each, in their order (pkg/registry/rbac/validation, CompactRules;
 * pkg/apis/rbac/v1, CompactString).
 */
export function rulesText(rules: readonly PolicyRule[]): string {
  const others = rules.filter((rule) => !isOfOneResource(rule));
  const byResource = Map.groupBy(rules.filter(isOfOneResource), ({ apiGroups, resources, resourceNames = [] }) =>
    JSON.stringify([apiGroups, resources, resourceNames]),
  );
  const together = [...byResource.values()].map((alike) => ({ ...alike[0]!, verbs: alike.flatMap(({ verbs }) => verbs) }));
  return [...new Set([...others, ...together].map(ruleText))].sort().join('\n');
}

const isOfOneResource = ({ apiGroups, resources, resourceNames = [] }: PolicyRule): boolean =>
  apiGroups?.length === 1 && resources?.length === 1 && resourceNames.length <= 1;

function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = Object.entries({ APIGroups: apiGroups, Resources: resources, NonResourceURLs: nonResourceURLs, ResourceNames: resourceNames, Verbs: verbs });
  return `{${parts.flatMap(([name, values]) => (values?.length ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : [])).join(', ')}}`;
}
