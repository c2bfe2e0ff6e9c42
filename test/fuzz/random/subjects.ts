import { builtIn } from '../../../core/apis/built-in.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../../core/schema/generated/kinds.ts';
import { names, samples } from '../../conformance/samples.ts';
import type { Chance } from '../../simulation/chance.ts';
import { expression } from './expressions.ts';
import type { Target } from './requests.ts';
import { structuralSchema, valueFor } from './schemas.ts';
import { mutated } from './values.ts';

/** What random requests are about. */
export interface Subject {
  readonly name: string;
  /** What is posted before: of the first definition that is accepted, the targets are objects. */
  prepare?(chance: Chance): Target;
  target(chance: Chance, prepared: Target | undefined): Target;
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const objectSchema = (chance: Chance): JSONSchemaProps => ({
  type: 'object',
  properties: { spec: structuralSchema(chance), status: structuralSchema(chance, 1) },
});

/** Few names, so that definitions get in each other's way. */
function definition(chance: Chance, schema: JSONSchemaProps): Target {
  const plural = chance.pick(['things', 'others']);
  const group = chance.pick(['a.example', 'b.example']);
  const version = (name: string, storage: boolean) => ({
    name,
    served: chance.happens(0.9),
    storage,
    schema: { openAPIV3Schema: schema },
    subresources: {
      ...(chance.happens(0.5) && { status: {} }),
      ...(chance.happens(0.3) && { scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } }),
    },
    ...(chance.happens(0.3) && {
      additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: chance.pick(['.spec.a', '.spec.b[0]', '.spec["a"]', '{', '.']) }],
    }),
    ...(chance.happens(0.1) && { selectableFields: [{ jsonPath: '.spec.a' }] }),
  });
  const manifest: CustomResourceDefinition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        plural,
        kind: chance.pick(['Thing', 'Other']),
        ...(chance.happens(0.3) && { shortNames: ['t'] }),
        ...(chance.happens(0.3) && { listKind: 'Things' }),
      },
      versions: [version('v1', true), ...(chance.happens(0.3) ? [version('v2', chance.happens(0.1))] : [])],
      ...(chance.happens(0.1) && { preserveUnknownFields: true }),
    },
  };
  return { collection: DEFINITIONS, name: manifest.metadata.name, manifest };
}

const simple = (schema: JSONSchemaProps): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.c.example' },
  spec: {
    group: 'c.example',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { status: {} } }],
  },
});

const kept = builtIn.flatMap(({ group, resource, kind, namespaced, versions }) =>
  versions
    .filter(({ verbs }) => verbs.includes('create') && verbs.includes('list'))
    .map(({ version }): Target => {
      const apiVersion = group ? `${group}/${version}` : version;
      const id = `${apiVersion} ${resource}`;
      const name = names[id] ?? 'sample';
      return {
        collection: `${group ? `/apis/${apiVersion}` : `/api/${version}`}${namespaced ? '/namespaces/default' : ''}/${resource}`,
        name,
        manifest: { apiVersion, kind, metadata: { name, labels: { made: 'here' } }, ...samples[id] },
      };
    }),
);

const keptAs = (resource: string): Target => kept.find(({ collection }) => collection.endsWith(`/${resource}`))!;

/** The object with something else in its spec. */
const specified = ({ manifest, ...target }: Target, spec: object): Target => ({
  ...target,
  manifest: { ...manifest, spec: { ...(manifest as { spec?: object }).spec, ...spec } },
});

export const subjects: readonly Subject[] = [
  { name: 'built-in objects', target: (chance) => chance.pick(kept) },
  { name: 'definitions', target: (chance) => definition(chance, chance.happens(0.7) ? objectSchema(chance) : mutated(chance, objectSchema(chance))) },
  {
    name: 'custom objects',
    prepare: (chance) => ({ collection: DEFINITIONS, name: 'things.c.example', manifest: simple(objectSchema(chance)) }),
    target(chance, prepared) {
      const { spec } = prepared!.manifest as CustomResourceDefinition;
      const name = chance.pick(['a', 'b']);
      const fields = valueFor(chance, spec.versions[0]!.schema!.openAPIV3Schema!) as object;
      return {
        collection: '/apis/c.example/v1/namespaces/default/things',
        name,
        manifest: { apiVersion: 'c.example/v1', kind: 'Thing', metadata: { name }, ...fields },
      };
    },
  },
  {
    name: 'expressions',
    target(chance) {
      const condition = () => ({ name: chance.pick(['a', 'b']), expression: expression(chance) });
      switch (chance.weighted({ rule: 3, policy: 2, mutation: 1, webhook: 1, devices: 1 })) {
        case 'rule': {
          const schema = structuralSchema(chance);
          const rule = {
            rule: expression(chance),
            ...(chance.happens(0.5) && { messageExpression: expression(chance) }),
            ...(chance.happens(0.3) && { optionalOldSelf: true }),
          };
          return {
            collection: DEFINITIONS,
            name: 'things.c.example',
            manifest: simple({ type: 'object', properties: { spec: { ...schema, 'x-kubernetes-validations': [rule] } } }),
          };
        }
        case 'policy':
          return specified(keptAs('validatingadmissionpolicies'), {
            validations: [{ expression: expression(chance), messageExpression: expression(chance) }],
            variables: [condition()],
            matchConditions: [condition()],
            auditAnnotations: [{ key: 'a', valueExpression: expression(chance) }],
          });
        case 'mutation':
          return specified(keptAs('mutatingadmissionpolicies'), {
            mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: expression(chance) } }],
            matchConditions: [condition()],
          });
        case 'webhook': {
          const target = keptAs('validatingwebhookconfigurations');
          const { webhooks } = target.manifest as { webhooks: object[] };
          return { ...target, manifest: { ...target.manifest, webhooks: [{ ...webhooks[0], matchConditions: [condition()] }] } };
        }
        case 'devices':
          return specified(keptAs('deviceclasses'), { selectors: [{ cel: { expression: expression(chance) } }] });
      }
    },
  },
];
