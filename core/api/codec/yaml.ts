import { parseAllDocuments, type ScalarTag, stringify, type Tags } from 'yaml';
import { deeperThan } from './json.ts';

/**
 * YAML as Kubernetes reads and writes it (sigs.k8s.io/yaml over go-yaml 2): YAML 1.1 with `yes`, `on` and `0644`, but without its times of day,
 * timestamps, sets and ordered maps: `22:22` and `2001-01-01` are strings.
 */

const MAX_DEPTH = 1000;

const octal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text) => (text.startsWith('-') ? -1 : 1) * Number.parseInt(text.replace(/^[-+]?0o|_/g, ''), 8),
};

const binary: ScalarTag = { identify: () => false, tag: 'tag:yaml.org,2002:binary', resolve: (text) => Buffer.from(text, 'base64').toString() };

const dropped = /timestamp|binary|omap|pairs|set$/;

const readTags = (tags: Tags): Tags => [
  ...tags.filter((tag) => typeof tag === 'string' || !(dropped.test(tag.tag) || ('format' in tag && tag.format === 'TIME'))),
  octal,
  binary,
];

const parse = (text: string, uniqueKeys: boolean) => {
  const documents = parseAllDocuments(text, { version: '1.1', customTags: readTags, uniqueKeys, prettyErrors: false, logLevel: 'silent' });
  return 'empty' in documents ? undefined : documents[0];
};

/**
 * The value of the first document in a YAML text, `null` when there is none. Throws an Error `yaml: line 3: …` when it is not YAML, or when its
 * aliases would unfold to something huge.
 * @param duplicate is told of every key that stands twice in its map (the last one counts).
 */
export function parseYaml(text: string, duplicate?: (problem: string) => void): unknown {
  const document = parse(text, false);
  if (!document) return null;
  const error = document.errors[0];
  if (error) throw new Error(`yaml: line ${lineOf(text, error.pos[0])}: ${error.message}`);
  if (duplicate) reportDuplicates(text, duplicate);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (failure) {
    if (failure instanceof ReferenceError)
      throw new Error(failure.message.includes('Excessive') ? 'yaml: document contains excessive aliasing' : `yaml: ${failure.message}`);
    throw failure;
  }
  if (deeperThan(value, MAX_DEPTH)) throw new Error('yaml: exceeded max depth');
  const odd = nonFinite(value);
  if (odd !== undefined) throw new Error(`json: unsupported value: ${Number.isNaN(odd) ? 'NaN' : odd > 0 ? '+Inf' : '-Inf'}`);
  return value ?? null;
}

/** A number that YAML can say and JSON cannot. */
function nonFinite(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    const found = nonFinite(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function reportDuplicates(text: string, duplicate: (problem: string) => void): void {
  for (const { code, pos } of parse(text, true)?.errors ?? []) {
    if (code !== 'DUPLICATE_KEY') continue;
    const key = /^[^\s:]+/.exec(text.slice(pos[0]))?.[0] ?? '';
    duplicate(`yaml: unmarshal errors:\n  line ${lineOf(text, pos[0])}: key ${JSON.stringify(key.replace(/^(["'])(.*)\1$/, '$2'))} already set in map`);
  }
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** A value as YAML: keys sorted, lists not indented, anything that some YAML 1.1 reader would misread in quotes. */
export const formatYaml = (value: unknown): string =>
  stringify(value, {
    version: '1.1',
    customTags: (tags) => [...tags, octal],
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
