import { apisOf } from '../../apis/apis.ts';
import { changes } from '../../apis/logplane/change.ts';
import { GROUP } from '../../apis/logplane/own-resource.ts';
import { notFound } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import type { ReadCall } from '../call.ts';
import { readContinueToken, writeContinueToken } from '../query/continue-token.ts';
import { readListOptions } from '../query/list-options.ts';
import { stateFor } from '../request/reading.ts';
import { targetOf } from '../request/target.ts';
import { answerChanges } from './list.ts';
import { ChangeReader } from './reader.ts';
import { changeSelectionOf, matchesHead } from './selection.ts';
import { shownChange } from './shown-change.ts';
import { changesOfObject, versionOf } from './versions.ts';

/**
 * `GET …/NAME/history`: the changes of one object, from its newest version back to its creation, as a list of Changes in pages. Those of an object that had the name before, or that is
 * gone, are found among the changes of the namespace. Throws 404.
 */
export async function history(call: ReadCall): Promise<Response> {
  const { target, info, query, api } = call;
  const ofChanges = targetOf(apisOf(call.state), { group: GROUP, version: 'v1', resource: changes.resource })!;
  const options = readListOptions(query, { resource: ofChanges.selectable, watch: false });
  const selection = { ...changeSelectionOf(call, options), namespace: undefined };
  const token = options.continueToken ? readContinueToken(options.continueToken) : undefined;
  const state = await stateFor(call, { atLeast: options.offset });
  const object = state.get(target.storage.groupResource, info.namespace, info.name!);
  if (!object) throw notFound(target.resource, info.name!);
  const limit = Math.min(options.limit > 0 ? options.limit : PAGE, PAGE);
  const reader = new ChangeReader(call);
  const found: Change[] = [];
  let next: Offset | undefined;
  for await (const change of changesOfObject(token ? Number(token.after) : versionOf(object), call)) {
    next = change.previous && versionOf(change.previous);
    if (matchesHead(change, selection)) found.push(change);
    if (found.length === limit) break;
  }
  const begin = await call.replica.entries.begin();
  const rest = next !== undefined && next > begin ? { continue: tokenOf(next) } : {};
  return answerChanges(
    { ...call, target: ofChanges },
    found.map((change) => shownChange(change, reader)),
    { resourceVersion: object.metadata.resourceVersion!, ...rest },
  );

  function tokenOf(after: Offset): string {
    return writeContinueToken({ offset: token?.offset ?? state.offset, after: String(after), since: token?.since ?? api.env.clock.now() });
  }
}

const PAGE = 500;
