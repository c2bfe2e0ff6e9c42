import { milliValue, value } from '../kube/quantity.ts';
import type { Container, Node, ObjectFieldSelector, Pod, ResourceFieldSelector } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { valueInFile } from './env-file.ts';
import { serviceEnvironment } from './service-environment.ts';

/** The variables of a container by their names; undefined where the value is not known here. */
export type Environment = ReadonlyMap<string, string | undefined>;

export type VolumeFile =
  | { readonly type: 'missing' }
  /** Whether it is there, or what is in it, cannot be told. */
  | { readonly type: 'unknown' }
  | { readonly type: 'text'; readonly text: string };

interface EnvironmentSources {
  readonly state: State;
  readonly node: Node | undefined;
  /** A file that was written into a volume of the pod. */
  readonly file: (volume: string, path: string) => VolumeFile;
}

/**
 * The environment that the kubelet gives to a container (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
 * What it refers to and is not there is left out: `configError` tells of it.
 */
export function environmentOf(pod: Pod, container: Container, { state, node, file }: EnvironmentSources): Environment {
  let length = 0;
  // The first one is of the container runtime.
  const environment = new Map<string, string | undefined>([['HOSTNAME', pod.spec?.hostname ?? pod.metadata.name], ...serviceEnvironment(pod, state)]);
  const namespace = pod.metadata.namespace!;
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? state.get('configmaps', namespace, configMapRef.name!)?.data
      : decoded(state.get('secrets', namespace, secretRef?.name ?? '')?.data);
    for (const [name, text] of Object.entries(data ?? {})) environment.set(prefix + name, text);
  }
  for (const { name, value: given, valueFrom } of container.env ?? []) {
    if (!valueFrom) {
      const text = length > MOST_EXPANDED ? undefined : expandReferences(given ?? '', environment);
      length += text?.length ?? 0;
      environment.set(name, text);
    } else if (valueFrom.fieldRef) environment.set(name, fieldOf(pod, valueFrom.fieldRef));
    else if (valueFrom.resourceFieldRef) environment.set(name, resourceOf(pod, container, valueFrom.resourceFieldRef, node));
    else if (valueFrom.fileKeyRef) {
      const { volumeName, path, key } = valueFrom.fileKeyRef;
      const found = file(volumeName, path);
      const text = found.type === 'text' ? valueInFile(found.text, key) : undefined;
      if (found.type === 'unknown' || text) environment.set(name, text);
    } else {
      const { configMapKeyRef, secretKeyRef } = valueFrom;
      const text = configMapKeyRef
        ? state.get('configmaps', namespace, configMapKeyRef.name!)?.data?.[configMapKeyRef.key]
        : secretKeyRef && decoded(state.get('secrets', namespace, secretKeyRef.name!)?.data)[secretKeyRef.key];
      if (text !== undefined) environment.set(name, text);
    }
  }
  return environment;
}

const decoded = (data: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(data ?? {}).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));

/** What Linux gives a program of arguments and variables, together and each (execve(2), MAX_ARG_STRLEN). A variable may name others that name others. */
const MOST_EXPANDED = 2 * 1024 * 1024;
const LONGEST = 128 * 1024;

/** `$(NAME)` by its value, where there is one; `$$(NAME)` is the text `$(NAME)` (third_party/forked/golang/expansion). Undefined: it is longer than may be. */
export const expandReferences = (text: string, environment: Environment): string | undefined =>
  replaceReferences(text, (name, all) => (environment.has(name) ? (environment.get(name) ?? all) : all));

/** A text with what comes of its references in their places. */
export function replaceReferences(text: string, of: (name: string, all: string) => string): string | undefined {
  if (!text.includes('$')) return text;
  let { length } = text;
  const replaced = text.replace(/\$\$|\$\(([^()]*)\)/g, (all, name?: string) => {
    const value = name === undefined ? '$' : of(name, all);
    length += value.length - all.length;
    return length > LONGEST ? '' : value;
  });
  return length > LONGEST ? undefined : replaced;
}

function fieldOf({ metadata, spec, status }: Pod, { fieldPath }: ObjectFieldSelector): string | undefined {
  const [, map, key] = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (map) return metadata[map as 'annotations' | 'labels']?.[key!] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'spec.nodeName':
      return spec?.nodeName;
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName;
    case 'status.hostIP':
      return status?.hostIP;
    case 'status.podIP':
      return status?.podIP;
    case 'status.hostIPs':
      return status?.hostIPs?.map(({ ip }) => ip).join();
    case 'status.podIPs':
      return status?.podIPs?.map(({ ip }) => ip).join();
    default:
      return undefined;
  }
}

/** Limits that are not set are what the node has (pkg/api/v1/resource, MergeContainerResourceLimits). */
function resourceOf({ spec }: Pod, own: Container, selector: ResourceFieldSelector, node: Node | undefined): string | undefined {
  const { containerName, resource, divisor } = selector;
  const container = containerName ? [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find(({ name }) => name === containerName) : own;
  const [list, name = ''] = resource.split(/\.(.*)/s) as ['limits' | 'requests', string];
  const amount = container?.resources?.[list]?.[name] ?? (list === 'limits' ? node?.status?.allocatable?.[name] : '0');
  if (amount === undefined) return undefined;
  const unit = divisor && value(divisor) !== 0 ? divisor : '1';
  return String(name === 'cpu' ? Math.ceil(milliValue(amount) / milliValue(unit)) : Math.ceil(value(amount) / value(unit)));
}
