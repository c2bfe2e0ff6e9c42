import { valuesOf } from '../../../../schema/custom/schema-walk.ts';
import type { JSONSchemaProps } from '../../../../schema/generated/kinds.ts';

/** Where a path leads in a schema, or why it leads nowhere. */
export type Found = { readonly path: string; readonly first: string; readonly schema: JSONSchemaProps | undefined } | { readonly problem: string };

/**
 * The field of a path such as `.spec['a.b'].c` (cel.ValidFieldPath). `brackets`: whether keys may stand in brackets.
 */
export function fieldAtPath(text: string, root: JSONSchemaProps, { brackets = true } = {}): Found {
  let schema: JSONSchemaProps | undefined = root;
  let path = '';
  let first = '';
  const tokens = tokensOf(text);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const isBracket = token === '[';
    if (token !== '.' && !isBracket) return { problem: `expected [ or . but got: ${token}` };
    if (isBracket && !brackets) return { problem: 'array notation is not allowed' };
    let name = tokens[++i];
    if (name === undefined) return { problem: 'unexpected end of JSON path' };
    if (isBracket) {
      if (name.length < 2 || !name.startsWith("'") || !name.endsWith("'")) return { problem: `expected single quoted string but got ${name}` };
      name = name.slice(1, -1).replace(/\\(.)/g, '$1');
    }
    const isNamed: boolean = schema?.properties !== undefined;
    if (!isNamed && schema?.additionalProperties === undefined) return { problem: 'does not refer to a valid field' };
    if (isNamed && !Object.hasOwn(schema!.properties!, name)) return { problem: 'does not refer to a valid field' };
    schema = isNamed ? schema!.properties![name] : valuesOf(schema!);
    if (first === '') first = name;
    path += isNamed ? `${path === '' ? '' : '.'}${name}` : `[${name}]`;
    if (!isBracket) continue;
    const close = tokens[++i];
    if (close === undefined) return { problem: 'unexpected end of JSON path' };
    if (close !== ']') return { problem: `expected ] but got ${close}` };
  }
  return { path, first, schema };
}

/** Dots and brackets are tokens of their own, but in single quotes. */
const tokensOf = (text: string): string[] => text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]']+|'/gs) ?? [];
