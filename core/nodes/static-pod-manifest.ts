import { createHash } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import { MIRROR } from '../apis/core/pod-annotations.ts';
import { apiObjectsOf } from '../apis/core/pod-references.ts';
import { deeperThan, MAX_DEPTH } from '../kube/json-bounds.ts';
import { timestamp } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import { definitionOf, schemaOf } from '../schema/built-in-types.ts';
import { decodeObject } from '../schema/decode.ts';
import type { Node, Pod } from '../schema/generated/kinds.ts';
import { looksDeep } from './api-calls/kubectl/manifests.ts';

/** What the kubelet notes of where a pod is from (pkg/kubelet/types/pod_update.go). */
const SOURCE = 'kubernetes.io/config.source';
const SEEN = 'kubernetes.io/config.seen';
const HASH = 'kubernetes.io/config.hash';

/** Why a manifest makes no pod. */
export class InvalidManifest extends Error {
  override readonly name = 'InvalidManifest';
}

/**
 * The mirror pod of a manifest, as its node creates it (pkg/kubelet/config/common.go, applyDefaults; pkg/kubelet/pod/mirror_client.go). Throws an InvalidManifest for what
 * is no pod, or one that refers to objects of the API, which a kubelet can run without.
 *
 * @param source which of the node's manifests it is: the same text is another pod elsewhere
 */
export function mirrorPod(text: string, { node, source, now }: { node: Node; source: string; now: number }): Pod {
  const { metadata, spec } = decoded(text);
  if (!metadata.name) throw new InvalidManifest('invalid pod: name is needed for the pod');
  const { name: nodeName, uid } = node.metadata;
  const reference = apiObjectsOf(spec!);
  if (reference) throw new InvalidManifest(`static pods may not reference ${reference}`);
  const hash = createHash('sha256')
    .update(JSON.stringify([metadata, spec, nodeName, source]))
    .digest('hex')
    .slice(0, 32);
  const toleratesAll = spec!.tolerations?.some(({ key, operator, effect }) => !key && operator === 'Exists' && effect === 'NoExecute');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace || 'default',
      ...(metadata.labels && { labels: metadata.labels }),
      annotations: { ...metadata.annotations, [HASH]: hash, [MIRROR]: hash, [SEEN]: timestamp(now), [SOURCE]: 'file' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: uid!, controller: true }],
    },
    spec: {
      ...spec!,
      nodeName,
      // It is not evicted where something is wrong with its node.
      tolerations: [...(spec!.tolerations ?? []), ...(toleratesAll ? [] : [{ operator: 'Exists', effect: 'NoExecute' }])],
    },
  };
}

/** Whether a pod is the mirror of a manifest: the agent of its node made it, and not a client. */
export const isStatic = ({ metadata: { annotations } }: Pod): boolean => annotations?.[MIRROR] !== undefined && annotations[SOURCE] === 'file';

export const isMirrorOf = (pod: Pod, wanted: Pod): boolean => pod.metadata.annotations![MIRROR] === wanted.metadata.annotations![MIRROR];

function decoded(text: string): Pod {
  const value = yamlOf(text);
  const { apiVersion, kind } = (value ?? {}) as Partial<Pod>;
  if (apiVersion !== 'v1' || kind !== 'Pod') throw new InvalidManifest(`invalid pod: ${apiVersion ?? ''}, Kind=${kind ?? ''}`);
  try {
    const pod = decodeObject({ value, type: podType, gvk: { group: '', version: 'v1', kind: 'Pod' }, strict: false }).object as Pod;
    if (!pod.spec?.containers) throw new InvalidManifest('invalid pod: [spec.containers: Required value]');
    return { ...pod, metadata: pod.metadata ?? {} };
  } catch (error) {
    throw error instanceof StatusError ? new InvalidManifest(error.message) : error;
  }
}

const podType = schemaOf(definitionOf('v1', 'Pod')!)!;

/** Of YAML, or JSON, which is YAML; of several documents the first. */
function yamlOf(text: string): unknown {
  try {
    if (looksDeep(text)) throw new Error('exceeded max depth');
    const [document] = parseAllDocuments(text, { version: '1.1', merge: true }) as { errors: readonly Error[]; toJS(options: object): unknown }[];
    if (document?.errors[0]) throw document.errors[0];
    const value = document?.toJS({ maxAliasCount: 100 });
    if (deeperThan(value, MAX_DEPTH)) throw new Error('exceeded max depth');
    return value;
  } catch (error) {
    // What the library throws of a text that it cannot take, whatever that is.
    throw new InvalidManifest(`error converting YAML to JSON: yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}
