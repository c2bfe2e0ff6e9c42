/**
 * `resources.json`: one row for each resource in each version, in the order in which Kubernetes' discovery names the groups (the priorities of
 * kube-apiserver's APIServices), preferred version first. What `facts/resources.json` leaves out is what most resources have.
 *
 * @typedef {{ kind?: string, group?: string, version?: string, verbs?: string[] }} SubresourceFacts
 * @typedef {{ kind: string, namespaced?: boolean, shortNames?: string[], categories?: string[], verbs?: string[], subresources?: Record<string, SubresourceFacts> }} ResourceFacts
 * @param {Record<string, Record<string, ResourceFacts>>} facts group/version → plural → facts
 * @param {Record<string, any>} schema
 */
export function buildResources(facts, schema) {
  const types = new Map(
    Object.entries(schema).flatMap(([definition, { gvk = [] }]) => gvk.map((/** @type {any} */ of) => [`${of.group}/${of.version}/${of.kind}`, definition])),
  );
  return Object.entries(facts).flatMap(([groupVersion, resources]) => {
    const [version, group = ''] = /** @type {[string, string?]} */ (groupVersion.split('/').reverse());
    return Object.entries(resources).map(([resource, { kind, namespaced = true, shortNames = [], categories = [], verbs = allVerbs, subresources = {} }]) => {
      const type = types.get(`${group}/${version}/${kind}`);
      if (!type) throw new Error(`facts/resources.json names ${groupVersion} ${kind}, which facts/types.json does not have`);
      return {
        group,
        version,
        resource,
        singular: kind.toLowerCase(),
        kind,
        type,
        namespaced,
        shortNames,
        categories,
        verbs,
        subresources: Object.fromEntries(Object.entries(subresources).map(([name, facts]) => [name, { kind, verbs: ['get', 'patch', 'update'], ...facts }])),
      };
    });
  });
}

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
