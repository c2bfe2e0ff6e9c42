import type { ChangeObject } from '../../core/apis/logplane/change.ts';
import { nameOfChanged } from '../../core/apis/logplane/change.ts';
import type { Row } from '../columns.ts';
import { actorOf, seconds, whatOf } from '../looking/changes.ts';

/** A change without what every object has. */
export function shownChange({ offset, time, type, what, object, actor, manager, cause, differences, causes, placement, entry }: ChangeObject) {
  const { namespace } = object;
  return {
    offset,
    time,
    type,
    object: nameOfChanged(object),
    ...(namespace && { namespace }),
    actor: actor.username,
    ...(manager && { manager: manager.name }),
    what: what ?? '',
    ...(cause !== undefined && { cause }),
    ...(entry && { entry }),
    ...(differences && { differences }),
    ...(causes && { causes }),
    ...(placement && { placement }),
  };
}

/** A row for each change, below a heading. */
export const changeRows = (changes: readonly ChangeObject[]): Row[] => [
  ['OFFSET', 'TIME', 'ACTOR', 'CAUSE', 'OBJECT', 'WHAT'],
  ...changes.map((change) => {
    const { offset, time, actor, cause, object } = change;
    const name = `${nameOfChanged(object)}${object.namespace ? ` -n ${object.namespace}` : ''}`;
    return [String(offset), seconds(time), actorOf(actor.username), String(cause ?? ''), name, whatOf(change)];
  }),
];
