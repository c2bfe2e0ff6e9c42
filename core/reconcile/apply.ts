import type { Mutation } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import type { Env } from '../env.ts';
import { applyPatch } from '../kube/merge-patch.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import { StatusError } from '../kube/status.ts';
import type { LogEvent } from '../log/log.ts';
import { diff } from '../log/patch.ts';
import type { Change } from '../state/change.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import type { Attributed, Failure } from './reconciler.ts';

/** What a round's mutations came to: the state that they lead to, how, and what was refused. */
export interface Outcome {
  readonly state: State;
  readonly events: readonly LogEvent[];
  readonly changes: readonly Change[];
  readonly failures: readonly Failure[];
}

/**
 * Carries out the mutations of one round, one after the other. All of them were made for the state before the round, each without
 * knowing of the others: where two concern one object, both hold (`rebased`), and what another has deleted already is not missed. One that
 * is refused is left out; the others stand.
 */
export function carryOut(before: State, mutations: readonly Attributed[], { env, now }: { env: Env; now: number }): Outcome {
  let state = before;
  const events: LogEvent[] = [];
  const changes: Change[] = [];
  const failures: Failure[] = [];
  /** As the objects were that this round has changed so far. */
  const original = new Map<Key, KubeObject | undefined>();
  for (const mutation of mutations) {
    const known = mutation.type === 'create' ? undefined : original.get(keyOf(mutation.resource, ...pathOf(mutation)));
    const current = known && state.get(mutation.resource, ...pathOf(mutation));
    if (known && !current) continue;
    try {
      const { actor, cause } = mutation;
      const decision = decide(state, known ? rebased(mutation, known, current!) : mutation, { env, now, actor, ...(cause !== undefined && { cause }) });
      for (const event of decision.events) events.push(event);
      const evolved = evolve(state, decision.events, { time: now });
      state = evolved.state;
      for (const change of evolved.changes) {
        changes.push(change);
        if (!original.has(change.key)) original.set(change.key, change.previous);
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failures.push({ mutation, status: error.status });
    }
  }
  return { state, events, changes, failures };
}

function pathOf(mutation: Mutation): [namespace: string | undefined, name: string] {
  const { namespace, name } = mutation.type === 'create' || mutation.type === 'update' ? mutation.object.metadata : mutation;
  return [namespace, name];
}

/**
 * An update that was made for `known`, for the object as it is by now: it changes what it meant to change, and leaves the rest as others of
 * its round left it. One that insists on a version stays as it is, and is refused.
 */
function rebased(mutation: Attributed, known: KubeObject, current: KubeObject): Mutation {
  if (mutation.type !== 'update' || mutation.object.metadata.resourceVersion) return mutation;
  const { object, subresource } = mutation;
  const meant = subresource === 'status' ? { ...known, metadata: { ...known.metadata, ...object.metadata }, status: object['status'] } : object;
  const patch = diff(known, meant);
  return patch ? { ...mutation, object: unversioned(applyPatch(current, patch)) } : mutation;
}

function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
