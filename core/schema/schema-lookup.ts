import { apiVersionOf } from '../kube/group-version-kind.ts';
import schema from './generated/schema.json' with { type: 'json' };
import type { TypeSchema } from './schema.ts';

const types = schema as unknown as Readonly<Record<string, TypeSchema>>;

/** The schema of a type, by its OpenAPI definition (`io.k8s.api.core.v1.PodSpec`); undefined when Kubernetes has no such type. */
export const schemaOf = (definition: string): TypeSchema | undefined => (Object.hasOwn(types, definition) ? types[definition] : undefined);

/** The OpenAPI definition of a kind: `apps/v1`, `Deployment` → `io.k8s.api.apps.v1.Deployment`; undefined when it is not a built-in one. */
export const definitionOf = (apiVersion: string, kind: string): string | undefined => byKind.get(`${apiVersion}/${kind}`);

/** All definitions, in the order of their names. */
export const definitions: readonly string[] = Object.keys(types);

/** The last part of a definition's name, which is the name of its Go type: `PodSpec`. */
export const typeName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

const byKind = new Map(
  Object.entries(types).flatMap(([definition, { gvk = [] }]) =>
    gvk.map(({ group, version, kind }) => [`${apiVersionOf({ group, version })}/${kind}`, definition] as const),
  ),
);
