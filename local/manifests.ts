import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../core/object.ts';

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
export function readManifests(sources: readonly string[]): Manifest[] {
  const manifests = sources.flatMap((source) => filesOf(source)).flatMap(({ source, text }) => parse(source, text));
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

function filesOf(source: string): { source: string; text: string }[] {
  if (source === '-') return [{ source: 'standard input', text: readFileSync(0, 'utf8') }];
  if (!statSync(source).isDirectory()) return [{ source, text: readFileSync(source, 'utf8') }];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /\.(ya?ml|json)$/.test(file.name))
    .map((file) => path.join(file.parentPath, file.name))
    .sort()
    .map((file) => ({ source: file, text: readFileSync(file, 'utf8') }));
}

function parse(source: string, text: string): Manifest[] {
  const out: Manifest[] = [];
  for (const document of parseAllDocuments(text, { version: '1.1', merge: true, logLevel: 'silent' })) {
    const [error] = document.errors;
    if (error) throw new Error(`${source}: ${error.message.split('\n')[0]}`);
    const value = document.toJS({ maxAliasCount: 100 }) as KubeObject | null;
    if (value === null || value === undefined) continue;
    const objects = typeof value === 'object' && value.kind === 'List' && Array.isArray(value.items) ? (value.items as KubeObject[]) : [value];
    for (const object of objects) {
      if (typeof object !== 'object' || !object.apiVersion || !object.kind)
        throw new Error(`${source}: not a Kubernetes object: apiVersion and kind are missing`);
      // A build instruction for `kubectl apply -k`, not an object.
      if (object.kind === 'Kustomization' && object.apiVersion.startsWith('kustomize.config.k8s.io/')) continue;
      if (!object.metadata?.name && !object.metadata?.generateName) throw new Error(`${source}: ${object.kind} without metadata.name`);
      out.push({ object, source });
    }
  }
  return out;
}
