import type { Case } from './case.ts';

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

/** What is known of the cluster that is asked. */
export interface AskedCluster {
  readonly nodes: readonly string[];
  /** The name of the user who makes the request. */
  readonly me: string;
}

/**
 * Replaces in answers what no two runs share: uids, versions, times, generated names, addresses. One for each case: the same uid, or version of an object, has the same
 * placeholder in all its answers. What the case itself says is never replaced.
 */
export class Normaliser {
  readonly #said: string;
  readonly #namespace: string;
  readonly #cluster: AskedCluster;
  readonly #keepsManagedFields: boolean;
  readonly #uids = new Map<string, string>();
  readonly #versions = new Map<string, string[]>();
  readonly #names = new Map<string, string>();

  constructor(one: Pick<Case, 'kind' | 'managedFields' | 'steps'>, { namespace, cluster }: { namespace: string; cluster: AskedCluster }) {
    this.#said = JSON.stringify(one);
    this.#namespace = namespace;
    this.#cluster = cluster;
    this.#keepsManagedFields = one.managedFields ?? one.kind === 'apply';
  }

  /** Notes the generated names in an answer, so that they are replaced wherever they are mentioned. */
  learn(value: Json): void {
    if (value === null || typeof value !== 'object') return;
    const { name, generateName } = value.metadata ?? {};
    if (typeof name === 'string' && generateName && name.startsWith(generateName) && !this.#names.has(name)) {
      this.#names.set(name, `${generateName}<generated-${this.#names.size + 1}>`);
    }
    for (const label of ['pod-template-hash', 'controller-revision-hash']) {
      const hash = value.labels?.[label];
      if (typeof hash === 'string' && !this.#said.includes(hash)) this.#names.set(hash, `<${label}>`);
    }
    for (const part of Object.values(value)) this.learn(part);
  }

  /** `isVolatile`: others write to the object too, its versions are not told apart. */
  apply(body: Json, isVolatile = false): Json {
    return this.#value(body, { path: [], owner: body, isVolatile });
  }

  #value(value: Json, at: Place): Json {
    const { path } = at;
    const key = path.at(-1);
    if (typeof value === 'string') return this.#string(value, at);
    if (typeof value === 'number') return /^(nodePort|healthCheckNodePort)$/.test(String(key)) && !this.#said.includes(String(value)) ? '<nodePort>' : value;
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) {
      const items = key === 'managedFields' ? value.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)) : value;
      return items.map((item, i) => this.#value(item, { ...at, path: [...path, i] }));
    }
    const fields = value.username === this.#cluster.me ? { ...value, uid: undefined, groups: undefined, extra: undefined } : value;
    const owner = typeof value.metadata === 'object' && value.metadata !== null ? value : at.owner;
    return Object.fromEntries(
      Object.entries(fields)
        .filter(([name, part]) => part !== undefined && (name !== 'managedFields' || this.#keepsManagedFields))
        .map(([name, part]) => [name.replaceAll(this.#namespace, '$NS'), this.#value(part, { ...at, path: [...path, name], owner })]),
    );
  }

  #string(text: string, { path, owner, isVolatile }: Place): string {
    const [parent, key] = path.slice(-2).length === 2 ? path.slice(-2) : [undefined, path[0]];
    if (key === 'resourceVersion' && parent === 'metadata') return this.#version(text, owner?.metadata?.uid, isVolatile);
    if (key === 'continue' && text) return '<continue>';
    if (text === this.#cluster.me && (key === 'username' || parent === 'cells')) return '<me>';
    if (key === 'token' || key === 'ca.crt' || key === 'certificate') return `<${key}>`;
    return this.#plain(text, /(^|\.)cells$/.test(String(parent)));
  }

  #version(text: string, uid: string | undefined, isVolatile: boolean): string {
    if (!/^\d+$/.test(text) || isVolatile || !uid) return text === '' || text === '0' ? text : '<version>';
    const seen = this.#versions.get(uid) ?? [];
    this.#versions.set(uid, seen);
    if (!seen.includes(text)) seen.push(text);
    return `<version-${seen.indexOf(text) + 1}>`;
  }

  #plain(text: string, isCell: boolean): string {
    let out = text.replaceAll(this.#namespace, '$NS');
    for (const [name, placeholder] of this.#names) out = out.replaceAll(name, placeholder);
    for (const [pattern, placeholder] of patterns) {
      out = out.replace(pattern, (match, ...groups) => (this.#said.includes(match) ? match : this.#placeholder(placeholder, match, groups)));
    }
    for (const [pattern, replacement] of phrases) out = out.replace(pattern, replacement);
    for (const node of this.#cluster.nodes) {
      out = out.replace(new RegExp(`(?<![\\w.-])${node.replaceAll('.', '\\.')}(?![\\w-])`, 'g'), (match) => (this.#said.includes(match) ? match : '<node>'));
    }
    return isCell ? out.replace(/^(?:\d+[ywdhms])+(?= ago|$)|(?<=\()(?:\d+[ywdhms])+(?= ago\))/g, '<age>') : out;
  }

  #placeholder(placeholder: string, match: string, [fraction]: unknown[]): string {
    if (placeholder === '<time>') return typeof fraction === 'string' ? `<time.${fraction.length - 1}>` : '<time>';
    if (placeholder !== '<uid>') return placeholder;
    const known = this.#uids.get(match) ?? `<uid-${this.#uids.size + 1}>`;
    this.#uids.set(match, known);
    return known;
  }
}

interface Place {
  readonly path: readonly (string | number)[];
  /** The object that a version at this place is of. */
  readonly owner: Json;
  readonly isVolatile: boolean;
}

/** The server sorts managedFields by their second. */
const rank = (entry: Json) => `${entry?.operation} ${entry?.manager} ${entry?.subresource ?? ''}`;

/** Replaced unless the case itself says it. */
const patterns: readonly [RegExp, string][] = [
  [/-[bcdfghjklmnpqrstvwxz2456789]{8,10}(?![\w])/g, '-<hash>'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/(?<![\w.])(?!0\.0\.0\.0|127\.0\.0\.1)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g, '<ip>'],
  [/(?<=:)3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP))/g, '<nodePort>'],
  [/-[bcdfghjklmnpqrstvwxz2456789]{5}(?![\w-])/g, '-<random>'],
];

const phrases: readonly [RegExp, string][] = [
  [/\.[0-9a-f]{16}\b/g, '.<hex>'],
  [/(ResourceVersion in (?:precondition|object meta): )\d+/g, '$1<version>'],
  [/(ResourceVersion in (?:the precondition|record) )\(\d+\)/g, '$1(<version>)'],
  // In quoted JSON and in YAML.
  [/(resourceVersion\\*"?: ?\\*")\d+/g, '$1<version>'],
  [/(resource version: .*, current: )\d+/gi, '$1<version>'],
  [/(The range of valid IPs is )\S+/g, '$1<cidr>'],
  // A place in the source, another in each build.
  [/in scheme "[^"]*"/g, 'in scheme "<scheme>"'],
  [/(resource ?version:? )\d+ \(\d+\)/gi, '$1<version> (<version>)'],
  [/(resource ?version:? )\d+/gi, '$1<version>'],
];
