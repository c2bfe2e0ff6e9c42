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

/** The revision of a ReplicaSet; 0 when it has none. */
export const revisionOf = ({ metadata }: KubeObject): number => Number.parseInt(metadata.annotations?.[REVISION] ?? '0', 10) || 0;

/** The annotations that the ReplicaSets of a Deployment take over from it. */
const copiedAnnotations = ({ metadata }: KubeObject): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name)));

/**
 * The annotations of the ReplicaSet that holds the template now: the Deployment's, and the revision after all others. One that was
 * rolled back to gets a new revision, and remembers the earlier ones.
 */
export function newRevisionAnnotations(deployment: KubeObject, current: Readonly<Record<string, string>>, revision: number): Record<string, string> {
  const annotations = { ...current, ...copiedAnnotations(deployment) };
  const before = Number.parseInt(current[REVISION] ?? '0', 10);
  if (Number.isNaN(before) || before >= revision) return annotations;
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
