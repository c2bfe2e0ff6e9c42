import { describe, expect, it } from 'vitest';
import { definitionOf, definitions, schemaOf, typeName } from './built-in-types.ts';
import served from './generated/resources.json' with { type: 'json' };
import type { FieldSchema } from './schema.ts';

const field = (definition: string, name: string) => schemaOf(definition)?.fields?.[name];

describe('the schema', () => {
  it('has every type that another one names', () => {
    const missing = new Set<string>();
    const check = (schema: FieldSchema | undefined) => {
      if (!schema) return;
      if (schema.ref && !schemaOf(schema.ref)) missing.add(schema.ref);
      check(schema.items);
      check(schema.map);
    };
    for (const definition of definitions) for (const schema of Object.values(schemaOf(definition)?.fields ?? {})) check(schema);
    expect([...missing]).toEqual([]);
    expect(definitions.length).toBeGreaterThan(500);
  });

  it('says of every field what it is', () => {
    for (const definition of definitions) {
      for (const [name, schema] of Object.entries(schemaOf(definition)?.fields ?? {})) {
        const shapes = [schema.ref, schema.items, schema.map, ['string', 'integer', 'number', 'boolean'].includes(schema.type ?? '') || undefined];
        expect(shapes.filter(Boolean), `${definition} ${name}`).toHaveLength(1);
        expect(Boolean(schema.items), `${definition} ${name}`).toBe(schema.type === 'array');
      }
    }
  });

  it('requires no field that it does not have, and keys lists by fields of their items', () => {
    for (const definition of definitions) {
      const { fields = {}, required = [] } = schemaOf(definition)!;
      for (const name of required) expect(fields, definition).toHaveProperty([name]);
      for (const [name, schema] of Object.entries(fields)) {
        for (const key of [...(schema.listMapKeys ?? []), ...(schema.patchMergeKey && schema.items?.ref ? [schema.patchMergeKey] : [])]) {
          expect(field(schema.items!.ref!, key), `${definition} ${name} ${key}`).toBeDefined();
        }
      }
    }
  });

  it.each([
    ['io.k8s.api.core.v1.PodSpec', 'containers', { type: 'array', listType: 'map', listMapKeys: ['name'], patchStrategy: 'merge', patchMergeKey: 'name' }],
    ['io.k8s.api.core.v1.PodSpec', 'volumes', { patchStrategy: 'merge,retainKeys', patchMergeKey: 'name' }],
    ['io.k8s.api.core.v1.PodSpec', 'nodeSelector', { type: 'object', mapType: 'atomic', map: { type: 'string' } }],
    ['io.k8s.api.core.v1.Container', 'args', { listType: 'atomic', items: { type: 'string' } }],
    ['io.k8s.api.core.v1.ServiceSpec', 'ports', { listMapKeys: ['port', 'protocol'], patchMergeKey: 'port' }],
    ['io.k8s.api.core.v1.ServicePort', 'targetPort', { ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' }],
    ['io.k8s.api.core.v1.ResourceRequirements', 'limits', { map: { ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' } }],
    ['io.k8s.api.core.v1.Secret', 'data', { map: { type: 'string', format: 'byte' } }],
    ['io.k8s.api.apps.v1.DeploymentSpec', 'strategy', { patchStrategy: 'retainKeys' }],
    ['io.k8s.api.apps.v1.DeploymentSpec', 'replicas', { type: 'integer', format: 'int32' }],
    ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'creationTimestamp', { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time' }],
    ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'finalizers', { listType: 'set', patchStrategy: 'merge' }],
  ])('%s %s', (definition, name, want) => expect(field(definition, name)).toMatchObject(want));

  it('finds a kind by its group, version and name', () => {
    expect(definitionOf('v1', 'Pod')).toBe('io.k8s.api.core.v1.Pod');
    expect(definitionOf('autoscaling/v2', 'HorizontalPodAutoscaler')).toBe('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler');
    expect(definitionOf('rbac.authorization.k8s.io/v1', 'Role')).toBe('io.k8s.api.rbac.v1.Role');
    expect(definitionOf('v1', 'Deployment')).toBeUndefined();
    expect(definitionOf('v1', 'constructor')).toBeUndefined();
    expect(schemaOf('constructor')).toBeUndefined();
    expect(typeName('io.k8s.api.core.v1.Pod')).toBe('Pod');
  });
});

describe('the resources', () => {
  it('are of kinds that the schema has', () => {
    for (const { group, version, kind, type } of served) expect(definitionOf(group ? `${group}/${version}` : version, kind), kind).toBe(type);
  });

  it('are each there once, in GA versions only, and so are their short names', () => {
    const names = served.map(({ group, version, resource }) => `${group}/${version}/${resource}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { version } of served) expect(version).toMatch(/^v[0-9]+$/);
    const short = served
      .filter(({ group }) => group !== 'events.k8s.io')
      .flatMap(({ group, resource, shortNames }) => shortNames.map((name) => `${name} ${resource}.${group}`));
    expect(new Set([...new Set(short)].map((name) => name.split(' ')[0])).size).toBe(new Set(short).size);
  });

  it('have the lists and the objects that their verbs promise', () => {
    for (const { group, version, kind, verbs } of served) {
      const apiVersion = group ? `${group}/${version}` : version;
      expect(Boolean(definitionOf(apiVersion, `${kind}List`)), kind).toBe(verbs.includes('list'));
    }
  });
});
