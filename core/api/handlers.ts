import type { ReadCall, WriteCall } from './call.ts';
import { blame } from './changes/blame.ts';
import { getChange } from './changes/get.ts';
import { history } from './changes/history.ts';
import { listChanges } from './changes/list.ts';
import { watchChanges } from './changes/watch.ts';
import { nodeMetrics, podMetrics } from './metrics/resource-metrics.ts';
import type { Verb } from './request/request-info.ts';
import { localSubjectAccessReview, selfSubjectAccessReview, selfSubjectRulesReview, subjectAccessReview } from './reviews/access.ts';
import { selfSubjectReview, tokenReview } from './reviews/identity.ts';
import { createPlan } from './reviews/plan.ts';
import { bind } from './subresources/binding.ts';
import { connect } from './subresources/connect.ts';
import { issueCredentials } from './subresources/credentials.ts';
import { evict } from './subresources/eviction.ts';
import { getScale, patchScale, updateScale } from './subresources/scale.ts';
import { explainScheduling } from './subresources/scheduling.ts';
import { requestToken } from './subresources/token.ts';
import { createTransaction } from './transactions/create-transaction.ts';
import { patchRecord } from './transactions/patch-record.ts';
import { createRestore } from './undo/create-restore.ts';
import { createUndo } from './undo/create-undo.ts';
import { atMoment } from './verbs/bookmark.ts';
import { getComponent, listComponents } from './verbs/componentstatuses.ts';
import { create } from './verbs/create.ts';
import { deleteOne } from './verbs/delete.ts';
import { deletecollection } from './verbs/deletecollection.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';
import type { Write } from './write.ts';

/** Answers a read, or says what is to be changed; what it has to read for that, such as the past, takes time. */
export type Handler = (call: WriteCall) => Response | Write | Promise<Response | Write>;

/** What serves a call; undefined when nothing does. */
export function handlerOf({ info, target }: ReadCall): Handler | undefined {
  if (info.subresource !== undefined) return subresources[info.subresource]?.[info.verb];
  return (special[target.resource.groupResource] ?? verbs)[info.verb];
}

/** A subresource that answers with an object which has columns: the whole object, or its Scale. */
export const isShown = (subresource: string): boolean => subresource === 'scale' || subresources[subresource] === whole;

type Handlers = Partial<Record<Verb, Handler>>;

/** Resources that are kept. */
const verbs: Handlers = { get, list, watch, create, update, patch, delete: deleteOne, deletecollection };

/** Resources that are not kept, but answered, and those that stand for something to be done. */
const special: Readonly<Record<string, Handlers | undefined>> = {
  'bookmarks.logplane.dev': { ...verbs, create: atMoment(create), update: atMoment(update), patch: atMoment(patch) },
  'changes.logplane.dev': { get: getChange, list: listChanges, watch: watchChanges },
  'clusterrestores.logplane.dev': { ...verbs, create: createRestore, patch: patchRecord },
  'clusterundos.logplane.dev': { ...verbs, create: createUndo, patch: patchRecord },
  'restores.logplane.dev': { ...verbs, create: createRestore, patch: patchRecord },
  'transactions.logplane.dev': { ...verbs, create: (call) => createTransaction(call, handlerOf), patch: patchRecord },
  'undos.logplane.dev': { ...verbs, create: createUndo, patch: patchRecord },
  'nodes.metrics.k8s.io': nodeMetrics,
  'pods.metrics.k8s.io': podMetrics,
  bindings: { create: bind },
  componentstatuses: { get: getComponent, list: listComponents },
  'plans.logplane.dev': { create: createPlan },
  'selfsubjectreviews.authentication.k8s.io': { create: selfSubjectReview },
  'tokenreviews.authentication.k8s.io': { create: tokenReview },
  'localsubjectaccessreviews.authorization.k8s.io': { create: localSubjectAccessReview },
  'selfsubjectaccessreviews.authorization.k8s.io': { create: selfSubjectAccessReview },
  'selfsubjectrulesreviews.authorization.k8s.io': { create: selfSubjectRulesReview },
  'subjectaccessreviews.authorization.k8s.io': { create: subjectAccessReview },
};

/** These speak of the whole object; what of it they may change, `decide` knows. */
const whole: Handlers = { get, update, patch };

const connected: Handlers = { get: connect, create: connect, update: connect, patch: connect, delete: connect };

const subresources: Readonly<Record<string, Handlers | undefined>> = {
  status: whole,
  finalize: whole,
  approval: whole,
  resize: whole,
  ephemeralcontainers: whole,
  scale: { get: getScale, update: updateScale, patch: patchScale },
  binding: { create: bind },
  eviction: { create: evict },
  scheduling: { create: explainScheduling },
  token: { create: requestToken },
  credentials: { create: issueCredentials },
  history: { get: history },
  blame: { get: blame },
  log: connected,
  exec: connected,
  attach: connected,
  portforward: connected,
  proxy: connected,
};
