import type { KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import { answerList } from '../answers/list-answer.ts';
import type { WriteCall } from '../call.ts';
import { readListOptions } from '../query/list-options.ts';
import { selected, selectionOf } from '../query/selection.ts';
import type { Write } from '../write.ts';
import { deleteOptionsOf, deletionOf } from './delete.ts';

/** Removes all objects of a collection that are selected, in one commit. Answers the list of them. */
export function deletecollection(call: WriteCall): Write {
  const { target } = call;
  const selection = selectionOf(call, readListOptions(call.query, { resource: target.resource, watch: false }));
  const options = deleteOptionsOf(call);
  // What is answered is how they were before (store.go, DeleteCollection).
  let found: readonly KubeObject[] = [];
  const plan = (state: State) => {
    found = selected(state, selection);
    return found.map(({ metadata }) => deletionOf({ resource: target.resource.groupResource, namespace: metadata.namespace, name: metadata.name }, options));
  };
  return {
    dryRun: options.dryRun,
    plan,
    answer: () => answerList(call, found, { resourceVersion: String(call.replica.state.offset) }),
  };
}
