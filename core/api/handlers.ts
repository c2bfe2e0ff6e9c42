import type { ReadCall, WriteCall } from './call.ts';
import { nodeMetrics, podMetrics } from './metrics/resource-metrics.ts';
import type { Verb } from './request/request-info.ts';
import { localSubjectAccessReview, selfSubjectAccessReview, selfSubjectRulesReview, subjectAccessReview } from './reviews/access.ts';
import { selfSubjectReview, tokenReview } from './reviews/identity.ts';
import { createPlan } from './reviews/plan.ts';
import { bind } from './subresources/binding.ts';
import { connect } from './subresources/connect.ts';
import { evict } from './subresources/eviction.ts';
import { getScale, patchScale, updateScale } from './subresources/scale.ts';
import { explainScheduling } from './subresources/scheduling.ts';
import { requestToken } from './subresources/token.ts';
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

/** Answers a read, or says what is to be changed. */
export type Handler = (call: WriteCall) => Response | Promise<Response> | Write;

/** What serves a call; undefined when nothing does. */
export function handlerOf({ info, target }: ReadCall): Handler | undefined {
  if (info.subresource !== undefined) return subresources[info.subresource]?.[info.verb];
  return (virtual[target.resource.groupResource] ?? verbs)[info.verb];
}

/** A subresource that answers with an object which has columns: the whole object, or its Scale. */
export const isShown = (subresource: string): boolean => subresource === 'scale' || subresources[subresource] === whole;

type Handlers = Partial<Record<Verb, Handler>>;

/** Resources that are kept. */
const verbs: Handlers = { get, list, watch, create, update, patch, delete: deleteOne, deletecollection };

/** Resources that are not kept, but answered. */
const virtual: Readonly<Record<string, Handlers | undefined>> = {
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
  log: connected,
  exec: connected,
  attach: connected,
  portforward: connected,
  proxy: connected,
};
