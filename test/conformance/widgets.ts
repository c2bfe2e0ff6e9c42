import { objectOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../../core/schema/generated/kinds.ts';

/** A custom resource that comes and goes, in two versions. */

const schema = (spec: Record<string, JSONSchemaProps>): JSONSchemaProps => ({
  type: 'object',
  description: 'A thing that is made.',
  properties: {
    spec: { type: 'object', required: ['size'], properties: { ...spec, replicas: { type: 'integer', format: 'int64' } } },
    status: { type: 'object', properties: { ready: { type: 'integer', format: 'int64' }, selector: { type: 'string' } } },
  },
});

const spec: Record<string, JSONSchemaProps> = {
  size: { type: 'string', description: 'How large it is.' },
  color: { type: 'string', default: 'red' },
  options: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
};

const v1: CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema(spec) },
  subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.ready', labelSelectorPath: '.status.selector' } },
  additionalPrinterColumns: [{ name: 'Size', type: 'string', jsonPath: '.spec.size', description: 'How large it is.' }],
  selectableFields: [{ jsonPath: '.spec.color' }],
};

const v1beta1: CustomResourceDefinitionVersion = {
  name: 'v1beta1',
  served: true,
  storage: false,
  deprecated: true,
  schema: { openAPIV3Schema: schema({ ...spec, shape: { type: 'string', default: 'round' } }) },
  subresources: { status: {} },
  additionalPrinterColumns: [{ name: 'Shape', type: 'string', jsonPath: '.spec.shape' }],
};

export const definition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wd'], categories: ['all'] },
    versions: [v1, v1beta1],
  },
};

/** The definition with another spec. */
export const definitionWith = (more: Partial<CustomResourceDefinition['spec']>): CustomResourceDefinition => ({
  ...definition,
  spec: { ...definition.spec, ...more },
});

export const widget = (name: string, spec: object = { size: 'large' }, metadata: object = {}): KubeObject =>
  objectOf({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'default', ...metadata }, spec });
