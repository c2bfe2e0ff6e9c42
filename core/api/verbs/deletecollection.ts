import type { KubeObject } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerList } from '../answers/list-answer.ts';
import type { WriteCall } from '../call.ts';
import { readListOptions } from '../query/list-options.ts';
import { candidatesOf, selected, selectionOf } from '../query/selection.ts';
import type { Asker, Script, Write } from '../write.ts';
import { deleteOptionsOf, deletionOf } from './delete.ts';

/**
 * Removes all objects of a collection that are selected, in one commit: each deletion answers to the first, so that they are undone as one. Answers the list of them.
 */
export function deletecollection(call: WriteCall): Write {
  const { target } = call;
  const selection = selectionOf(call, readListOptions(call.query, { resource: target.selectable, watch: false }));
  const options = deleteOptionsOf(call);
  // What is answered is how they were before (store.go, DeleteCollection).
  let found: readonly KubeObject[] = [];
  const plan = (state: State, _now: number, ask: Asker) => {
    if (target.versions && !target.versions.convert(candidatesOf(state, selection), ask)) return undefined;
    found = selected(state, selection);
    return deletions(state.offset + 1);
  };
  function* deletions(first: Offset): Script {
    let isFirst = true;
    for (const { metadata } of found) {
      const mutation = deletionOf({ resource: target.resource.groupResource, namespace: metadata.namespace, name: metadata.name }, options);
      const { decision } = yield { mutation, ...(!isFirst && { cause: first }) };
      // One that is on its way out already has nothing written of it.
      if (decision.events.length > 0) isFirst = false;
    }
  }
  return {
    dryRun: options.dryRun,
    namesOffsets: true,
    plan,
    shown: () => found,
    answer: () => answerList(call, found, { resourceVersion: String(call.replica.state.offset) }),
  };
}
