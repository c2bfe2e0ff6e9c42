import type { FieldError } from '../../../../kube/status.ts';
import { required } from '../../../../kube/validation/field.ts';
import { itemsOf, sortedEntries } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';

/** What an alternative restricts must be described outside of it (apiextensions-apiserver's pkg/apiserver/schema/complete.go). */
export function completenessErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  return ofAlternatives(schema, schema, path, path);
}

function ofAlternatives(rules: JSONSchemaProps, schema: JSONSchemaProps, path: string, at: string): FieldError[] {
  const { not, allOf = [], anyOf = [], oneOf = [] } = rules;
  return [
    ...(not ? ofNested(not, schema, path, `${at}.not`) : []),
    ...allOf.flatMap((one, i) => ofNested(one, schema, path, `${at}.allOf[${i}]`)),
    ...anyOf.flatMap((one, i) => ofNested(one, schema, path, `${at}.anyOf[${i}]`)),
    ...oneOf.flatMap((one, i) => ofNested(one, schema, path, `${at}.oneOf[${i}]`)),
  ];
}

function ofNested(rules: JSONSchemaProps, schema: JSONSchemaProps | undefined, path: string, at: string): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${at}`)];
  const items = itemsOf(rules);
  return [
    ...ofAlternatives(rules, schema, path, at),
    ...(items ? ofNested(items, itemsOf(schema), `${path}.items`, `${at}.items`) : []),
    ...sortedEntries(rules.properties ?? {}).flatMap(([name, property]) =>
      ofNested(property, schema.properties?.[name], `${path}.properties[${name}]`, `${at}.properties[${name}]`),
    ),
  ];
}
