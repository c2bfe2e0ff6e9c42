import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { manifestsIn as objectsOf } from '../core/api/codec/manifests.ts';
import { type Fields, objectOf } from '../core/kube/fields.ts';
import { groupVersionOf } from '../core/kube/group-version-kind.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { using } from './using-file.ts';

/** An object of a manifest and where it stands, for messages. */
export interface Manifest {
  readonly object: KubeObject;
  readonly source: string;
}

/**
 * Reads Kubernetes manifests: files, folders (all of their .yaml, .yml and .json files, recursively) and `-` (standard input). Lists are
 * taken apart. They come in the order of `inOrderOfCreation`.
 * Throws an Error that names the file when it cannot be read, is not YAML or JSON, or holds something that is no object, and one where there is no object in any of them.
 */
export async function readManifests(sources: readonly string[]): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const source of sources) for (const file of await filesOf(source)) manifests.push(...manifestsIn(file.text, file.source));
  if (manifests.length === 0 && sources.length > 0)
    throw new Error(`no objects in ${sources.map((source) => (source === '-' ? 'standard input' : `"${source}"`)).join(', ')}`);
  return inOrderOfCreation(manifests);
}

/** In an order in which they can be created: namespaces first, then what others refer to, workloads last. */
export const inOrderOfCreation = (manifests: readonly Manifest[]): Manifest[] =>
  manifests
    .map((manifest, i) => ({ manifest, i }))
    .sort((a, b) => rank(a.manifest.object) - rank(b.manifest.object) || a.i - b.i)
    .map(({ manifest }) => manifest);

/** `deployment.apps/web` */
export function nameOfManifest({ apiVersion, kind, metadata }: KubeObject): string {
  const { group } = groupVersionOf(apiVersion);
  return `${kind.toLowerCase()}${group ? `.${group}` : ''}/${metadata.name}`;
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

/** The texts of a file, of the manifests in a folder (recursively), or of standard input (`-`). Throws an Error where there is none. */
export async function filesOf(source: string): Promise<{ source: string; text: string }[]> {
  if (source === '-') return [{ source: 'standard input', text: await textOf(process.stdin) }];
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new Error(`the path "${source}" does not exist`);
  if (!found.isDirectory()) return [{ source, text: textIn(source) }];
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /\.(ya?ml|json)$/.test(file.name))
    .map((file) => path.join(file.parentPath, file.name))
    .sort();
  if (files.length === 0) throw new Error(`no .yaml, .yml or .json file in "${source}"`);
  return files.map((file) => ({ source: file, text: textIn(file) }));
}

const textIn = (file: string): string => using(file, () => readFileSync(file, 'utf8'));

/** The objects of a text: YAML documents or JSON. Throws an Error that names the source. */
export function manifestsIn(text: string, source: string): Manifest[] {
  try {
    return objectsOf(text).map((fields) => ({ object: named(fields), source }));
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}`);
  }
}

/** Throws an Error where an object has no name. */
function named(fields: Fields): KubeObject {
  const object = objectOf(fields);
  // What has a new name each time cannot be applied again.
  if (!object.metadata?.name && object.metadata?.generateName)
    throw new Error(`${object.kind} ${object.metadata.generateName}: cannot use generateName with apply`);
  if (!object.metadata?.name) throw new Error(`${object.kind} without metadata.name`);
  return object;
}
