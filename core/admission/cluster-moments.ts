import { CLUSTERS, type Cluster } from '../apis/logplane/cluster.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldError, invalid } from '../kube/status.ts';
import { internalError, invalidValue, notFoundValue } from '../kube/validation/field.ts';
import type { Offset } from '../log/event.ts';
import type { MomentAsk, MomentFound } from './ask.ts';
import type { AdmissionPlugin, MutatingReview } from './plugin.ts';

/**
 * Finds out which offset is meant where a Cluster names a moment of a cluster: that at which a fork begins, and that to which a cluster is reset. It stands in the status then, and is not
 * found out again. That moment is in the log of another cluster, so that it has to be asked for.
 */
export const clusterMoments: AdmissionPlugin = {
  name: 'ClusterMoments',
  mutate(review) {
    const { resource, subresource, operation } = review;
    if (resource.groupResource !== CLUSTERS || subresource !== undefined) return;
    if (operation === 'CREATE') beginFork(review);
    if (operation === 'UPDATE') orderReset(review);
  },
};

function beginFork(review: MutatingReview): void {
  const cluster = review.object as Cluster;
  // Only what is found here may stand there.
  cluster.status = {};
  const { forkOf } = cluster.spec ?? {};
  // What is malformed, or not there, its kind refuses.
  if (typeof forkOf?.name !== 'string' || !isMoment(forkOf.at ?? NOW)) return;
  const parent = review.state.get(CLUSTERS, undefined, forkOf.name);
  if (!parent || parent.metadata.deletionTimestamp) return;
  const found = momentOf(review, { cluster: forkOf.name, at: String(forkOf.at ?? NOW) }, { field: 'spec.forkOf.at', value: forkOf.at, of: parent as Cluster });
  if (found) cluster.status = { fork: { offset: found.offset } };
}

function orderReset(review: MutatingReview): void {
  const cluster = review.object as Cluster;
  const { resetTo, ...spec } = cluster.spec ?? {};
  if (resetTo === undefined || !isMoment(resetTo)) return;
  const to = String(resetTo);
  const found = momentOf(review, { cluster: review.name, at: to }, { field: 'spec.resetTo', value: resetTo, of: cluster });
  if (!found) return;
  const { ordered = 0, completed = 0 } = cluster.status?.reset ?? {};
  cluster.spec = spec;
  cluster.status = { ...cluster.status, reset: { to, offset: found.offset, from: found.newest, ordered: ordered + 1, completed } };
}

/** What stands for the newest offset. */
const NOW = '';

const isMoment = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

/** Undefined: it has been asked for. Throws 422 when there is no such moment. */
function momentOf(review: MutatingReview, question: MomentAsk['question'], { field, value, of }: Asked): Found | undefined {
  const answer = review.ask({ type: 'Moment', question, timeoutMs: TIMEOUT_MS });
  if (!answer) return undefined;
  if (answer.type === 'failed') throw refused(review.object!, internalError(field, answer.message));
  const found = answer.value as MomentFound;
  // An offset says nothing of another cluster that had the name, or has it meanwhile.
  if ('offset' in found && found.log !== of.status?.log) throw refused(review.object!, internalError(field, REPLACED));
  if ('offset' in found) return found;
  throw refused(review.object!, found.absent === 'not found' ? notFoundValue(field, value, found.why) : invalidValue(field, value, found.why));
}

interface Asked {
  readonly field: string;
  readonly value: unknown;
  /** The cluster of which a moment is asked. */
  readonly of: Cluster;
}

const REPLACED = 'the cluster was replaced by another one of its name while it was looked at';

type Found = Extract<MomentFound, { readonly offset: Offset }>;

const refused = ({ metadata }: KubeObject, error: FieldError) => invalid({ group: 'logplane.dev', kind: 'Cluster' }, metadata.name ?? '', [error]);

/** A large past is read in less. */
const TIMEOUT_MS = 30_000;
