import type { KubeObject } from '../../kube/object.ts';

/** The annotations with which a Deployment and its ReplicaSets keep their history (pkg/controller/deployment/util). */

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** The revision of a ReplicaSet; 0 when it has none. A 64-bit integer, as any client may write it. */
export const revisionOf = ({ metadata }: KubeObject): bigint => parseRevision(metadata.annotations?.[REVISION]) ?? 0n;

/** Undefined for what is none (strconv.ParseInt). */
function parseRevision(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const revision = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, revision) === revision ? revision : undefined;
}

/** The revision after all that are given. */
export const revisionAfter = (replicaSets: readonly KubeObject[]): bigint =>
  BigInt.asIntN(64, replicaSets.map(revisionOf).reduce((highest, revision) => (revision > highest ? revision : highest), 0n) + 1n);

/** The annotations that the ReplicaSets of a Deployment take over from it. */
export const copiedAnnotations = ({ metadata }: KubeObject): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name)));

/** Those that each has for itself. */
export const ownAnnotations = ({ metadata }: KubeObject): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => NOT_COPIED.has(name)));

/**
 * The annotations of the ReplicaSet that holds the template now: the Deployment's, and the revision after all others. One that was
 * rolled back to gets a new revision, and remembers the earlier ones.
 */
export function newRevisionAnnotations(deployment: KubeObject, current: Readonly<Record<string, string>>, revision: bigint): Record<string, string> {
  const annotations = { ...current, ...copiedAnnotations(deployment) };
  const before = parseRevision(current[REVISION] || '0');
  if (before === undefined || before >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (current[REVISION] !== undefined) annotations[REVISION_HISTORY] = withRevision(current[REVISION_HISTORY], current[REVISION]);
  return annotations;
}

/** Appends to a list of revisions and drops the oldest, so that it stays under 2,000 characters. */
function withRevision(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision];
  while (revisions.length > 1 && revisions.join(',').length > 2000) revisions.shift();
  return revisions.join(',');
}
