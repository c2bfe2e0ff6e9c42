import type { CustomResourceDefinition, JSONSchemaProps } from '../../core/schema/generated/kinds.ts';
import type { RequestOptions } from '../../core/testing/server.ts';

/** A custom resource with as much of everything as its objects can be made to cost. */

const text: JSONSchemaProps = { type: 'string' };

const spec: JSONSchemaProps = {
  type: 'object',
  properties: {
    numbers: { type: 'array', items: { type: 'integer', minimum: 0 } },
    defaulted: { type: 'array', items: { type: 'object', properties: { a: { ...text, default: 'x' }, b: { type: 'object', default: {} } } } },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    map: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: text, value: text } },
    },
    labels: { type: 'object', additionalProperties: { ...text, maxLength: 10 } },
    repeats: { type: 'array', items: { ...text, pattern: 'a.{999}[bc]' } },
    code: { ...text, pattern: '^(a+)+$' },
    one: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ruled: { type: 'array', maxItems: 1000, items: { ...text, maxLength: 10 }, 'x-kubernetes-validations': [{ rule: "self.all(s, s != 'no')" }] },
    told: {
      type: 'array',
      maxItems: 1000,
      items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= 0', messageExpression: "self < -5 ? 'far off' : 'off'" }] },
    },
  },
};

export const definition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.fuzz.example' },
  spec: {
    group: 'fuzz.example',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } }, subresources: { status: {} } },
    ],
  },
};

export const THINGS = '/apis/fuzz.example/v1/namespaces/default/things';

export const thing = (spec: object, name = 'b'): object => ({ apiVersion: 'fuzz.example/v1', kind: 'Thing', metadata: { name }, spec });

/** A definition with a schema of its own below `spec`, that is refused or tried out. */
export const defined = (schema: unknown): { line: string; options: RequestOptions } => ({
  line: 'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All',
  options: {
    body: {
      metadata: { name: 'cs.a.b' },
      spec: {
        group: 'a.b',
        scope: 'Namespaced',
        names: { plural: 'cs', kind: 'C' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema } } } }],
      },
    },
  },
});
