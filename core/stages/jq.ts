import { isFields } from '../kube/fields.ts';

/**
 * The part of jq that KWOK's stages select with: paths (`.metadata.labels["a"]`, `.status.conditions.[]`, `.items[0]`), pipes, and `select( path == value )`.
 */
export type Query = (value: unknown) => readonly unknown[];

/** Throws a SyntaxError for what is none, or is none of what is understood here. What a query finds is never null. */
export function parseQuery(source: string): Query {
  const filters = source.split('|').map((part) => filterOf(part.trim()));
  return (value) => filters.reduce<readonly unknown[]>((found, filter) => found.flatMap(filter), [value]).filter((each) => each !== null && each !== undefined);
}

const SELECT = /^select\(\s*(.+?)\s*(==|!=)\s*("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)\s*\)$/;

function filterOf(source: string): Query {
  const selecting = SELECT.exec(source);
  if (!selecting) return pathOf(source);
  const path = pathOf(selecting[1]!);
  const wanted = JSON.parse(selecting[3]!) as unknown;
  const equal = selecting[2] === '==';
  return (value) => (path(value).some((found) => ((found ?? null) === wanted) === equal) ? [value] : []);
}

const STEP = /\.?(?:\[\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|(?<=\.)([A-Za-z_$][\w$]*)|(?<=\.)"((?:[^"\\]|\\.)*)")\??/y;

function pathOf(source: string): Query {
  if (source === '.') return (value) => [value];
  if (!source.startsWith('.')) throw new SyntaxError(`${JSON.stringify(source)} is not understood`);
  const steps: Query[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < source.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(source);
    if (!match) throw new SyntaxError(`${JSON.stringify(source.slice(at))} is not understood`);
    const [, quoted, index, name, quotedName] = match;
    const key = name ?? (quoted === undefined && quotedName === undefined ? undefined : (JSON.parse(`"${quoted ?? quotedName}"`) as string));
    if (key !== undefined) steps.push((value) => [isFields(value) && Object.hasOwn(value, key) ? value[key] : null]);
    else if (index !== undefined) steps.push((value) => [Array.isArray(value) ? (value.at(Number(index)) ?? null) : null]);
    else steps.push((value) => (Array.isArray(value) ? value : isFields(value) ? Object.values(value) : []));
  }
  return (value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap(step), [value]);
}
