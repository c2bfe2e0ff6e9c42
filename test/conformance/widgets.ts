import type { ApiResource } from '../../core/apis/api-resource.ts';
import { type Fields, fieldsOf, objectOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { CustomResourceDefinition } from '../../core/schema/generated/kinds.ts';
import type { FieldSchema, TypeSchema } from '../../core/schema/schema.ts';

/** A resource that comes and goes: what a CustomResourceDefinition of widgets is to establish. */

const field = (schema: Omit<FieldSchema, 'presence'>): FieldSchema => ({ ...schema, presence: 'pointer' });
const struct = (fields: Record<string, FieldSchema>, more: Partial<TypeSchema> = {}): FieldSchema => field({ struct: { name: '', fields, ...more } });

const typeOf = (version: string, specFields: Record<string, FieldSchema>): TypeSchema => ({
  name: `com.example.${version}.Widget`,
  description: 'A thing that is made.',
  gvk: [{ group: 'example.com', version, kind: 'Widget' }],
  fields: {
    apiVersion: field({ type: 'string' }),
    kind: field({ type: 'string' }),
    metadata: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', presence: 'always' },
    spec: struct({ ...specFields, replicas: field({ type: 'integer', format: 'int64' }) }, { required: ['size'] }),
    status: struct({ ready: field({ type: 'integer', format: 'int64' }) }),
  },
});

const size = field({ type: 'string', description: 'How large it is.' });
const color = field({ type: 'string', default: 'red' });

const v1 = {
  version: 'v1',
  type: typeOf('v1', { size, color, options: struct({}, { preserveUnknownFields: true }), tags: field({ type: 'array', items: field({ type: 'string' }) }) }),
};

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const status = { kind: 'Widget', verbs: ['get', 'patch', 'update'] };

const widgets: ApiResource = {
  groupResource: 'widgets.example.com',
  group: 'example.com',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  namespaced: true,
  shortNames: ['wd'],
  categories: ['all'],
  custom: true,
  storedAs: 'widgets.example.com',
  storageVersion: v1,
  versions: [
    { ...v1, verbs, subresources: { status, scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] } } },
    {
      version: 'v1beta1',
      type: typeOf('v1beta1', { size, colour: color }),
      verbs,
      subresources: { status },
      conversion: {
        fromStorage: (object) => {
          const { color: colour, ...spec } = specOf(object);
          return objectOf({ ...object, apiVersion: 'example.com/v1beta1', spec: { ...spec, colour } });
        },
        toStorage: (object) => {
          const { colour, ...spec } = specOf(object);
          return objectOf({ ...object, apiVersion: 'example.com/v1', spec: { ...spec, color: colour } });
        },
      },
      table: {
        columns: [{ name: 'Colour', type: 'string', description: 'What it looks like.', priority: 0 }],
        cells: (object) => [specOf(object)['color'] as string],
      },
    },
  ],
  strategy: {
    generation: 'spec',
    prepareForCreate: (object) => delete object.status,
    scale: {
      replicas: ({ spec }) => spec.replicas ?? 0,
      withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
      statusReplicas: (object) => object.status?.ready ?? 0,
      selector: () => '',
    },
    table: { columns: [{ name: 'Size', type: 'string', description: 'How large it is.', priority: 0 }], cells: ({ spec }) => [spec.size] },
  },
};

const specOf = (object: KubeObject): Fields => fieldsOf(object)['spec'] as Fields;

const established = [widgets];

/** What an object of the cluster establishes: widgets, when it is their definition. */
export const establishedBy = ({ metadata }: KubeObject): readonly ApiResource[] => (metadata.name === 'widgets.example.com' ? established : []);

export const definition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

export const widget = (name: string, spec: object = { size: 'large' }, metadata: object = {}): KubeObject =>
  objectOf({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'default', ...metadata }, spec });
