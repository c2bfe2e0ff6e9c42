import { parseJsonPath } from '../../../apis/apiextensions/custom-resource/json-path.ts';

/** What `-o jsonpath=TEMPLATE` writes of a value: text, and paths in braces. Undefined for what is not known here, such as `{range}`. */
export function rendered(template: string, value: unknown): string | undefined {
  const parts = template.includes('{') ? template.split(/(\{[^{}]*\})/) : [`{${template}}`];
  let text = '';
  for (const part of parts) {
    if (!part.startsWith('{')) {
      text += part;
      continue;
    }
    const literal = /^\{\s*(?:"(.*)"|'(.*)')\s*\}$/s.exec(part);
    const path = literal ? undefined : parseJsonPath(bare(part));
    if (!literal && !path) return undefined;
    text += literal ? (literal[1] ?? literal[2]!).replaceAll('\\n', '\n').replaceAll('\\t', '\t') : all(path!, value);
  }
  return text;
}

function all(path: (value: unknown) => unknown[], value: unknown): string {
  try {
    return path(value).map(printed).join(' ');
  } catch {
    return '';
  }
}

/** `{.a.b}`, `{a.b}`, `.a.b` and `a.b` are one path. */
export function bare(path: string): string {
  const inner = path
    .trim()
    .replace(/^['"]?\{?\s*/, '')
    .replace(/\s*\}?['"]?$/, '')
    .replace(/^\$/, '');
  return inner === '' || /^[.[]/.test(inner) ? inner : `.${inner}`;
}

export const printed = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
