import type { Subscription } from '../../../../core/apis/logplane/subscription.ts';
import type { LogEvent, Offset } from '../../../../core/log/event.ts';
import type { State } from '../../../../core/state/state.ts';
import type { Checker, Open } from './evidence.ts';

/** A subscriber is told of each change of a cluster since its subscription, or since the last reset behind it, at least once, and of those of one object in their order. */
export const deliveries: Checker = function* ({ open, journal, subscribers }) {
  for (const { branch, state } of open) {
    const told = subscribers.told.get(branch.cluster) ?? [];
    const from =
      state.get('clustersubscriptions.logplane.dev', undefined, 'told') && beginOf(journal.begun(branch), [...journal.eventsOf(branch, state.offset)]);
    // In a fork of a cluster that has one it rests.
    if (from === undefined) continue;
    // Who was away for longer than the past is kept is told so: a clock that was set ahead has cut it.
    if (isExpired(state) && journal.beginOf(branch.log) >= from) continue;
    const ids = new Set(told.map(({ id }) => id));
    const ours = new Set<string>();
    let before = journal.at(branch, from);
    for (const { offset, event } of journal.eventsOf(branch, state.offset)) {
      if (offset <= from || !event.key.startsWith('configmaps/default/')) continue;
      const now = journal.at(branch, offset);
      const name = event.key.split('/')[2]!;
      const id = `${(now.get(name) ?? before.get(name))!.uid}.${offset}`;
      before = now;
      ours.add(id);
      if (!ids.has(id)) yield `${branch.log}: nobody was told of ${name} at ${offset}`;
    }
    const last = new Map<string, Offset>();
    const seen = new Set<string>();
    for (const { id, object, offset } of told) {
      if (!ours.has(id) || seen.has(id)) continue;
      seen.add(id);
      if (offset < (last.get(object) ?? 0)) yield `${branch.log}: ${object} at ${offset} was told of after ${last.get(object)}`;
      last.set(object, offset);
    }
  }
};

const isExpired = (state: State): boolean => {
  const { status } = state.get('clustersubscriptions.logplane.dev', undefined, 'told') as Subscription;
  return (status?.conditions ?? []).some(({ reason }) => reason === 'Expired');
};

/** Where what a subscriber is to be told of begins; undefined: the subscription is of a parent. */
function beginOf({ log, base }: Open['branch'], events: readonly { readonly offset: Offset; readonly event: LogEvent }[]): Offset | undefined {
  const point = base.at(-1)?.upTo ?? 0;
  const isOurs =
    (key: string) =>
    ({ offset, event }: (typeof events)[number]) =>
      log !== '' && offset > point && event.key === key && event.type === 'ADDED';
  const subscribed = events.findLast(isOurs('clustersubscriptions.logplane.dev//told'));
  const reset = events.findLast(({ event }) => event.key === 'clusterresets//cluster');
  return subscribed && Math.max(subscribed.offset, reset?.offset ?? 0);
}
