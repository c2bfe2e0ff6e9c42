import { parseAllDocuments } from 'yaml';
import { isFields } from '../../../kube/fields.ts';
import { deeperThan, MAX_DEPTH } from '../../../kube/json-bounds.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Caller } from '../caller.ts';
import { Failed, notSimulated } from '../outcome.ts';

/** The objects of files, of directories and of standard input (`-`), with what kubectl calls where they are from. */
export function manifests(paths: readonly string[], caller: Source): { object: KubeObject; source: string }[] {
  return paths
    .flatMap((path) => path.split(','))
    .flatMap((path) => textsOf(path, caller))
    .flatMap(({ text, source }) => objectsOf(text, source).map((object) => ({ object, source })));
}

interface Source extends Pick<Caller, 'files' | 'input'> {
  readonly command: string | undefined;
}

function textsOf(path: string, { files, input, command }: Source): { text: string; source: string }[] {
  if (path === '-') {
    if (input === undefined) throw notSimulated('what comes from standard input');
    if (input === '') throw new Failed(`error: no objects passed to ${command}`);
    return [{ text: input, source: 'STDIN' }];
  }
  const [, host] = /^https?:\/\/([^/:]+)/.exec(path) ?? [];
  if (host) throw new Failed(`error: unable to read URL "${path}", dial tcp: lookup ${host}: no such host`);
  const found = files(path);
  if (!found || found.size === 0) throw new Failed(`error: the path "${path}" does not exist`);
  return [...found].map(([source, text]) => ({ text, source }));
}

const MOST_DOCUMENTS = 200;

function objectsOf(text: string, source: string): KubeObject[] {
  return documentsOf(text, source).flatMap((value) => (value === null || value === undefined ? [] : listed(value, source)));
}

function documentsOf(text: string, source: string): unknown[] {
  try {
    if (looksDeep(text)) throw new Error('exceeded max depth');
    const documents = parseAllDocuments(text, { version: '1.1', merge: true });
    return (Array.isArray(documents) ? documents.slice(0, MOST_DOCUMENTS) : []).map((document) => {
      if (document.errors[0]) throw document.errors[0];
      const value = document.toJS({ maxAliasCount: 100 }) as unknown;
      if (deeperThan(value, MAX_DEPTH)) throw new Error('exceeded max depth');
      return value;
    });
  } catch (error) {
    // What the library throws of a text that it cannot take, whatever that is.
    throw new Failed(`error: error parsing ${source}: error converting YAML to JSON: yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** What takes the library long to find out: more brackets that are open, or dashes in a row, than an object may be deep. */
export function looksDeep(text: string): boolean {
  let [open, dashes] = [0, 0];
  for (const char of text) {
    if (char === '[' || char === '{') open++;
    else if (char === ']' || char === '}') open = Math.max(0, open - 1);
    if (char === '-') dashes++;
    else if (char !== ' ') dashes = 0;
    if (open > MAX_DEPTH || dashes > MAX_DEPTH) return true;
  }
  return false;
}

/** A List is the objects in it. */
function listed(value: unknown, source: string): KubeObject[] {
  if (!isFields(value)) throw new Failed(`error: unable to decode "${source}": json: cannot unmarshal into Go value of type unstructured.detector`);
  if (!value['kind'] || !value['apiVersion']) {
    const missing = value['kind'] ? 'apiVersion' : 'kind';
    throw new Failed(
      `error: error validating "${source}": error validating data: ${missing} not set; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
  }
  if (/List$/.test(String(value['kind'])) && Array.isArray(value['items'])) return (value['items'] as unknown[]).flatMap((item) => listed(item, source));
  const metadata = isFields(value['metadata']) ? value['metadata'] : {};
  const named = [value['apiVersion'], value['kind'], metadata['name'] ?? '', metadata['namespace'] ?? ''];
  if (!named.every((each) => typeof each === 'string'))
    throw new Failed(`error: unable to decode "${source}": json: cannot unmarshal number into Go value of type string`);
  return [{ ...value, metadata } as unknown as KubeObject];
}
