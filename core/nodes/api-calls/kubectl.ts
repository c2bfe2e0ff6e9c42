import { apisOf } from '../../apis/apis.ts';
import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import type { ApiRequest, Caller } from './api-request.ts';

/**
 * `kubectl create secret|configmap|namespace|serviceaccount`, `get`, `delete`, `label` and `annotate` of one object by its name. What else kubectl can do,
 * such as to apply a file, is not done.
 */
export function kubectl(args: readonly string[], { namespace: own, sync }: Caller): ApiRequest | undefined {
  const { words, flags } = taken(args);
  const [command, ...rest] = words;
  const namespace = flags.get('namespace')?.[0] ?? own;
  if (flags.has('dry-run')) return undefined;
  if (command === 'create') return creation(rest, flags, namespace);
  const [kind = '', name = rest[1]] = rest[0]?.split('/') ?? [];
  const resource = resourceNamed(kind, sync.state);
  if (!resource || !name) return undefined;
  const target = { resource, name, namespace };
  switch (command) {
    case 'get':
    case 'delete':
      return { verb: command, ...target, ignoreNotFound: flags.has('ignore-not-found') };
    case 'label':
    case 'annotate': {
      const map = command === 'label' ? 'labels' : 'annotations';
      const changes = rest.slice(rest[0]!.includes('/') ? 1 : 2);
      return {
        verb: 'patch',
        ...target,
        change: (object) => ({ ...object, metadata: { ...object.metadata, [map]: changed(object.metadata[map] ?? {}, changes) } }),
      };
    }
    default:
      return undefined;
  }
}

type Flags = ReadonlyMap<string, readonly string[]>;

const SHORT: Record<string, string> = { n: 'namespace' };
/** Flags whose value is a word of its own. */
const VALUED = new Set(['namespace', 'from-literal', 'type', 'field-manager', 'output', 'selector', 'o', 'l', 'f']);

function taken(args: readonly string[]): { words: string[]; flags: Flags } {
  const words: string[] = [];
  const flags = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const [, given, , value] = /^--?([\w-]+)(=(.*))?$/s.exec(args[i]!) ?? [];
    if (given === undefined) {
      words.push(args[i]!);
      continue;
    }
    const name = SHORT[given] ?? given;
    flags.set(name, [...(flags.get(name) ?? []), value ?? (VALUED.has(name) ? (args[++i] ?? '') : '')]);
  }
  return { words, flags };
}

function creation([kind, ...words]: readonly string[], flags: Flags, namespace: string): ApiRequest | undefined {
  const literals = (flags.get('from-literal') ?? []).map((text) => text.split(/=(.*)/s) as [string, string]);
  const [type, name] = kind === 'secret' ? words : ['', words[0]];
  if (!name) return undefined;
  const metadata = { name, namespace };
  switch (kind) {
    case 'secret': {
      if (type !== 'generic') return undefined;
      const data = Object.fromEntries(literals.map(([key, value]) => [key, Buffer.from(value ?? '').toString('base64')]));
      return {
        verb: 'create',
        resource: 'secrets',
        object: { apiVersion: 'v1', kind: 'Secret', metadata, type: flags.get('type')?.[0] ?? 'Opaque', data } as KubeObject,
      };
    }
    case 'configmap':
    case 'cm':
      return {
        verb: 'create',
        resource: 'configmaps',
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(literals) } as KubeObject,
      };
    case 'serviceaccount':
    case 'sa':
      return { verb: 'create', resource: 'serviceaccounts', object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata } };
    case 'namespace':
    case 'ns':
      return { verb: 'create', resource: 'namespaces', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } };
    default:
      return undefined;
  }
}

/** A resource by one of its names: `deployments.apps`, `deployment`, `deploy`. */
function resourceNamed(name: string, state: State): GroupResource | undefined {
  const lower = name.toLowerCase();
  return apisOf(state).resources.find(({ groupResource, resource, singular, shortNames }) => [groupResource, resource, singular, ...shortNames].includes(lower))
    ?.groupResource;
}

/** `name=value` sets, `name-` removes. */
function changed(before: Readonly<Record<string, string>>, changes: readonly string[]): Record<string, string> {
  const after = { ...before };
  for (const change of changes) {
    const [name, value] = change.split(/=(.*)/s) as [string, string?];
    if (value !== undefined) after[name] = value;
    else if (name.endsWith('-')) delete after[name.slice(0, -1)];
  }
  return after;
}
