import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parseYaml } from '../core/api/codec/yaml.ts';
import { fieldsOf } from '../core/kube/fields.ts';
import type { KubeObject } from '../core/kube/object.ts';

/** An object of a manifest and where it stands, for messages. */
export interface Manifest {
  readonly object: KubeObject;
  readonly source: string;
}

/**
 * Reads Kubernetes manifests: files, folders (all of their .yaml, .yml and .json files, recursively) and `-` (standard input). Lists are
 * taken apart. They come in an order in which they can be created: namespaces first, then what others refer to, workloads last.
 * Throws an Error that names the file when it cannot be read, is not YAML or JSON, or holds something that is no object.
 */
export async function readManifests(sources: readonly string[]): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const source of sources) for (const file of await filesOf(source)) manifests.push(...manifestsIn(file.text, file.source));
  return manifests
    .map((manifest, i) => ({ manifest, i }))
    .sort((a, b) => rank(a.manifest.object) - rank(b.manifest.object) || a.i - b.i)
    .map(({ manifest }) => manifest);
}

/** Objects of these kinds come first, in this order (as kustomize and helm order them); all others after them, as they stand. */
const first = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
];

const rank = ({ kind }: KubeObject) => (first.includes(kind) ? first.indexOf(kind) : first.length);

async function filesOf(source: string): Promise<{ source: string; text: string }[]> {
  if (source === '-') return [{ source: 'standard input', text: await textOf(process.stdin) }];
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new Error(`the path "${source}" does not exist`);
  if (!found.isDirectory()) return [{ source, text: readFileSync(source, 'utf8') }];
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /\.(ya?ml|json)$/.test(file.name))
    .map((file) => path.join(file.parentPath, file.name))
    .sort();
  if (files.length === 0) throw new Error(`no .yaml, .yml or .json file in "${source}"`);
  return files.map((file) => ({ source: file, text: readFileSync(file, 'utf8') }));
}

/** The objects of a text: YAML documents or JSON. Documents are told apart as kubectl does, by lines that begin with `---`. */
export function manifestsIn(text: string, source: string): Manifest[] {
  const out: Manifest[] = [];
  let line = 0;
  for (const document of text.split(/^---.*$/m)) {
    out.push(...objectsIn(read(document, line, source), source).map((object) => ({ object, source })));
    line += document.split('\n').length - 1;
  }
  return out;
}

function read(document: string, line: number, source: string): unknown {
  try {
    // The lines before it, empty: what the parser says of lines is then said of the file's.
    return parseYaml('\n'.repeat(line) + document, (problem) => {
      throw new Error(problem);
    });
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}`);
  }
}

function objectsIn(value: unknown, source: string): KubeObject[] {
  if (value === null) return [];
  const object = value as KubeObject;
  if (typeof value !== 'object' || !object.apiVersion || !object.kind) throw new Error(`${source}: not a Kubernetes object: apiVersion and kind are missing`);
  const { items } = fieldsOf(object);
  if (object.kind === 'List' && Array.isArray(items)) return items.flatMap((item: unknown) => objectsIn(item, source));
  // A build instruction for `kubectl apply -k`, not an object.
  if (object.kind === 'Kustomization' && object.apiVersion.startsWith('kustomize.config.k8s.io/')) return [];
  // What has a new name each time cannot be applied again.
  if (!object.metadata?.name && object.metadata?.generateName)
    throw new Error(`${source}: ${object.kind} ${object.metadata.generateName}: cannot use generateName with apply`);
  if (!object.metadata?.name) throw new Error(`${source}: ${object.kind} without metadata.name`);
  return [object];
}
