import { apisOf } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import { unknownPath } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { decideApply, isScale } from './apply.ts';
import { decideApplyScale } from './apply-scale.ts';
import { decideBind } from './bind.ts';
import { decideCreate } from './create.ts';
import { type Asking, type DecideContext, type Deciding, type Decision, isAsking } from './decision.ts';
import { decideDelete } from './delete.ts';
import { decideEvict, isEviction } from './evict.ts';
import { decideUpdate } from './update.ts';

/**
 * Turns a mutation into the events that carry it out, by the rules that all kinds share (Kubernetes' generic registry:
 * apiserver/pkg/registry/generic/registry/store.go, rest/create.go, rest/update.go, rest/delete.go), the admission plugins, and the strategy of
 * its kind. Clients, reconcilers and the first objects of a cluster come through here alike. Pure: nothing is written; the caller appends the
 * events, or drops them (dry run), or has answered what is asked and decides again.
 *
 * Throws a StatusError, with nothing changed, when the mutation is refused: NotFound (the resource too, when it is not served), AlreadyExists, Conflict, Invalid, Forbidden.
 */
export function decide(state: State, mutation: Mutation, context: DecideContext): Decision | Asking {
  const further: Mutation[] = [];
  const own = decideOne(mutation, { ...context, state, further });
  if (isAsking(own)) return own;
  further.push(...consequencesOf(mutation, own, { state, context }));
  return further.length === 0 ? own : together(own, further, { state, context });
}

function decideOne(mutation: Mutation, context: Deciding): Decision | Asking {
  const resource = apisOf(context.state).resource(mutation.resource);
  // What established it may have gone since it was asked for.
  if (!resource) throw unknownPath();
  switch (mutation.type) {
    case 'create':
      return decideCreate(mutation, resource, context);
    case 'update':
      return decideUpdate(mutation, resource, context);
    case 'apply':
      return isScale(mutation) ? decideApplyScale(mutation, resource, context) : decideApply(mutation, resource, context);
    case 'delete':
      return isEviction(mutation) ? decideEvict(mutation, resource, context) : decideDelete(mutation, resource, context);
    case 'bind':
      return decideBind(mutation, resource, context);
  }
}

/** What follows from a write of an object itself by the rules of its kind (`Strategy.consequences`). */
function consequencesOf(mutation: Mutation, { object, deleted }: Decision, { state, context }: { state: State; context: DecideContext }): Mutation[] {
  if (deleted || mutation.type === 'delete' || mutation.type === 'bind' || (mutation.type === 'update' && mutation.subresource)) return [];
  const { resourceVersion: _, ...metadata } = object.metadata;
  const { strategy } = apisOf(state).resource(mutation.resource)!;
  return strategy.consequences?.({ ...object, metadata }, { state, now: context.now }) ?? [];
}

/** A decision with what its plugins want changed besides, by the API server itself, each on what the ones before it left. */
function together(own: Decision, further: readonly Mutation[], { state: before, context }: { state: State; context: DecideContext }): Decision | Asking {
  const { env, now, plugins, cause, dryRun = false, answers, annotate } = context;
  const byServer: DecideContext = {
    env,
    now,
    actor: API_SERVER,
    plugins,
    dryRun,
    ...(cause !== undefined && { cause }),
    ...(answers && { answers }),
    ...(annotate && { annotate }),
  };
  const events = [...own.events];
  const warnings = [...own.warnings];
  let { state } = evolve(before, own.events, { time: now });
  for (const mutation of further) {
    const next = decide(state, mutation, byServer);
    if (isAsking(next)) return next;
    state = evolve(state, next.events, { time: now }).state;
    events.push(...next.events);
    warnings.push(...next.warnings);
  }
  return { ...own, events, warnings };
}

const API_SERVER = userNamed('system:apiserver');
