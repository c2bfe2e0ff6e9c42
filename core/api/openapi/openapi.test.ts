import { describe, expect, it } from 'vitest';
import { Apis } from '../../apis/apis.ts';
import { loadDescriptions } from '../../schema/descriptions.ts';
import { documentOf, groupVersionsOf } from './openapi.ts';

const descriptions = await loadDescriptions();
const documents = [...groupVersionsOf(Apis.builtIn)].map(([path, about]) => ({
  path,
  group: about.group,
  version: about.version,
  document: documentOf(about, descriptions),
}));
const documentAt = (path: string) => documents.find((one) => one.path === path)!.document;
// biome-ignore lint/suspicious/noExplicitAny: the test looks into JSON
const pod = documentAt('api/v1').components.schemas as Record<string, any>;

describe('schemas', () => {
  it('have what kubectl and generators read', () => {
    const spec = pod['io.k8s.api.core.v1.PodSpec'];
    expect(spec.required).toEqual(['containers']);
    expect(spec.properties.containers).toEqual({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }], default: {} },
      description: expect.stringContaining('List of containers belonging to the pod'),
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(pod['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind']).toEqual([{ group: '', version: 'v1', kind: 'Pod' }]);
    expect(pod['io.k8s.api.core.v1.NodeSelector']['x-kubernetes-map-type']).toBe('atomic');
  });

  it('have the zeros of what Go holds by value as defaults', () => {
    expect(pod['io.k8s.api.core.v1.Container'].properties.name).toMatchObject({ type: 'string', default: '' });
    expect(pod['io.k8s.api.core.v1.Container'].properties.image).not.toHaveProperty('default');
    expect(pod['io.k8s.api.core.v1.Pod'].properties.spec).toMatchObject({ default: {} });
    expect(pod['io.k8s.api.core.v1.Container'].properties.livenessProbe).not.toHaveProperty('default');
    expect(pod['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'].properties.labels).toMatchObject({
      type: 'object',
      additionalProperties: { type: 'string', default: '' },
    });
  });

  it('tell of values of two types', () => {
    expect(pod['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] });
    expect(pod['io.k8s.apimachinery.pkg.api.resource.Quantity']).toMatchObject({ oneOf: [{ type: 'string' }, { type: 'number' }] });
  });

  it('refer only to what their document holds', () => {
    for (const { path, document } of documents) {
      const missing = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
        .map(([, name]) => name!)
        .filter((name) => !(name in document.components.schemas));
      expect({ path, missing }).toEqual({ path, missing: [] });
    }
  });
});

describe('paths', () => {
  it('lead kubectl explain from a resource to its kind', () => {
    for (const { resource, served } of [...groupVersionsOf(Apis.builtIn).values()].flatMap(({ list }) => list)) {
      const root = resource.group ? `/apis/${resource.group}/${served.version}` : `/api/${served.version}`;
      const { paths, components } = documentAt(root.slice(1));
      const item = paths[`${root}/${resource.resource}`] ?? paths[`${root}/namespaces/{namespace}/${resource.resource}`];
      const operation = (item!['get'] ?? item!['post']) as Record<string, unknown>;
      const gvk = { group: resource.group, version: served.version, kind: resource.kind };
      expect(operation['x-kubernetes-group-version-kind']).toEqual(gvk);
      const kinds = Object.values(components.schemas).flatMap((schema) => (schema['x-kubernetes-group-version-kind'] as object[] | undefined) ?? []);
      expect(kinds).toContainEqual(gvk);
    }
  });

  it('tell kubectl that the server validates fields', () => {
    for (const { document } of documents) {
      for (const item of Object.values(document.paths)) {
        const patch = item['patch'] as { 'x-kubernetes-action': string; parameters: { name: string; in: string }[] } | undefined;
        if (!patch || patch['x-kubernetes-action'] === 'connect') continue;
        expect(patch.parameters).toContainEqual(expect.objectContaining({ name: 'fieldValidation', in: 'query' }));
      }
    }
  });

  it('name every operation once, as client generators know it', () => {
    const ids = documents.flatMap(({ document }) =>
      Object.values(document.paths).flatMap((item) =>
        Object.values(item).flatMap((operation) => ('operationId' in operation ? [operation['operationId']] : [])),
      ),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of [
      'listCoreV1NamespacedPod',
      'listCoreV1PodForAllNamespaces',
      'createCoreV1NamespacedPodBinding',
      'readCoreV1NamespacedPodLog',
      'connectCoreV1GetNamespacedPodExec',
      'patchAppsV1NamespacedDeploymentScale',
      'deleteRbacAuthorizationV1CollectionClusterRole',
      'getAppsV1APIResources',
      'replaceCoreV1NodeStatus',
    ]) {
      expect(ids).toContain(id);
    }
  });

  it('offer only the verbs that are served', () => {
    const { paths } = documentAt('api/v1');
    expect(Object.keys(paths['/api/v1/namespaces/{namespace}/bindings']!)).toEqual(['post', 'parameters']);
    expect(Object.keys(paths['/api/v1/namespaces/{name}/finalize']!)).toEqual(['put', 'parameters']);
    expect(paths['/api/v1/bindings']).toBeUndefined();
  });
});
