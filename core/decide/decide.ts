import { apisOf } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import { unknownPath } from '../kube/status.ts';
import type { State } from '../state/state.ts';
import { decideBind } from './bind.ts';
import { decideCreate } from './create.ts';
import type { DecideContext, Decision } from './decision.ts';
import { decideDelete } from './delete.ts';
import { decideUpdate } from './update.ts';

/**
 * Turns a mutation into the events that carry it out, by the rules that all kinds share (Kubernetes' generic registry:
 * apiserver/pkg/registry/generic/registry/store.go, rest/create.go, rest/update.go, rest/delete.go) and the strategy of its kind.
 * Clients and reconcilers come through here alike. Pure: nothing is written; the caller appends the events, or drops them (dry run).
 *
 * Throws a StatusError, with nothing changed, when the mutation is refused: NotFound (the resource too, when it is not served), AlreadyExists, Conflict, Invalid, Forbidden.
 */
export function decide(state: State, mutation: Mutation, context: DecideContext): Decision {
  const resource = apisOf(state).resource(mutation.resource);
  // What established it may have gone since it was asked for.
  if (!resource) throw unknownPath();
  const draft = { resource, state, ...context };
  switch (mutation.type) {
    case 'create':
      return decideCreate(mutation, draft);
    case 'update':
      return decideUpdate(mutation, draft);
    case 'delete':
      return decideDelete(mutation, draft);
    case 'bind':
      return decideBind(mutation, draft);
  }
}
