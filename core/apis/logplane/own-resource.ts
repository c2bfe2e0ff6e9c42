import type { KubeObject } from '../../kube/object.ts';
import type { CustomResourceColumnDefinition, JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { ApiResource, Subresource } from '../api-resource.ts';
import { customResource } from '../apiextensions/custom-resource/established.ts';
import type { Strategy, Table } from '../strategy.ts';

/** The group of what no other control plane has. */
export const GROUP = 'logplane.dev';
export const API_VERSION = `${GROUP}/v1`;

/** A resource of Logplane's own: described as a definition of custom resources would, and so served, printed, explained and validated by the same code. */
export interface OwnResource<T extends KubeObject> {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
  /** What `kubectl explain` says of the kind. */
  readonly description: string;
  /** Of `spec` and `status`, and what else stands beside them. */
  readonly properties: Readonly<Record<string, JSONSchemaProps>>;
  readonly required?: readonly string[];
  /** Its status is written by itself. */
  readonly hasStatus?: true;
  readonly columns?: readonly CustomResourceColumnDefinition[];
  /** In the place of `columns`, where paths do not say it. */
  readonly table?: Table<T>;
  /** Paths such as `.spec.name`. */
  readonly selectableFields?: readonly string[];
  /** What can be done to it; everything that can be done to a custom resource, unless told. */
  readonly verbs?: readonly string[];
  readonly subresources?: Readonly<Record<string, Subresource>>;
  /** What the kind means beyond its schema. Its rules come after those of the schema. */
  readonly strategy?: Strategy<T>;
  /** Nothing of it is kept: what it tells is found out when it is asked for (api/handlers.ts says by what). */
  readonly virtual?: true;
}

export function ownResource<T extends KubeObject>(of: OwnResource<T>): ApiResource {
  const { plural, singular, kind, shortNames = [], namespaced, table, verbs, subresources, strategy = {}, virtual } = of;
  const names = { plural, singular, kind, listKind: `${kind}List`, shortNames: [...shortNames], categories: ['logplane'] };
  const base = customResource({ group: GROUP, names, scope: namespaced ? 'Namespaced' : 'Cluster', versions: [versionOf(of)] }, names);
  return {
    ...base,
    versions: base.versions.map((version) => ({
      ...version,
      ...(verbs && { verbs }),
      ...(table && { table: table as Table<KubeObject> }),
      subresources: { ...version.subresources, ...subresources },
    })),
    strategy: withRules(base.strategy, strategy),
    ...(virtual && { aggregated: true }),
  };
}

function versionOf<T extends KubeObject>({ description, properties, required = [], hasStatus, columns = [], selectableFields = [] }: OwnResource<T>) {
  const schema: JSONSchemaProps = { type: 'object', description, properties: { ...properties }, required: [...required] };
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    ...(hasStatus && { subresources: { status: {} } }),
    additionalPrinterColumns: [...columns],
    selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })),
  };
}

/** The strategy of a custom resource, with what a kind has of its own: what changes objects comes after, errors and warnings are told together. */
function withRules<T extends KubeObject>(base: Strategy<T>, own: Strategy<T>): Strategy<T> {
  return {
    ...base,
    ...own,
    defaults(object) {
      base.defaults?.(object);
      own.defaults?.(object);
    },
    prepareForCreate(object, context) {
      base.prepareForCreate?.(object, context);
      own.prepareForCreate?.(object, context);
    },
    prepareForUpdate(object, previous, context, subresource) {
      own.prepareForUpdate?.(object, previous, context, subresource);
      base.prepareForUpdate?.(object, previous, context, subresource);
    },
    // What is not of its schema's form would be misread by the rules of its kind.
    validate: (object, previous) => orElse(base.validate?.(object, previous), () => own.validate?.(object, previous)),
    validateChange: (object, previous) => orElse(base.validateChange?.(object, previous), () => own.validate?.(object, previous)),
    validateStatusUpdate: (object, previous) => orElse(base.validateStatusUpdate?.(object, previous), () => own.validateStatusUpdate?.(object, previous)),
    warnings: (...args) => [...(base.warnings?.(...args) ?? []), ...(own.warnings?.(...args) ?? [])],
  };
}

const orElse = <E>(errors: E[] = [], others: () => E[] | undefined): E[] => (errors.length > 0 ? errors : (others() ?? []));
