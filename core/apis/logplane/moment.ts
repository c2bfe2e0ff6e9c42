import { timestamp } from '../../kube/object.ts';
import type { Offset } from '../../log/event.ts';
import type { Replica } from '../../replica/replica.ts';
import type { State } from '../../state/state.ts';
import type { Bookmark } from './bookmark.ts';
import { afterEnd, type When } from './when.ts';

/** Why a moment is none of a cluster: there is no such bookmark, or it is not in the cluster's past. */
export interface NoMoment {
  readonly absent: 'bookmark' | 'in the past';
  readonly why: string;
}

/** Right after which offset a moment of a cluster is, by a state that is the newest. */
export async function offsetOfMoment(when: When, { replica, state }: { readonly replica: Replica; readonly state: State }): Promise<Offset | NoMoment> {
  if ('bookmark' in when) return bookmarked(when.bookmark, state) ?? { absent: 'bookmark', why: 'there is no Bookmark of this name' };
  if ('offset' in when) return when.offset > state.offset ? notPast(afterEnd(state.offset)) : when.offset;
  const now = replica.now();
  if (when.time > now) return notPast(`must not be in the future: it is ${timestamp(now)} in the cluster`);
  const offset = when.time < state.time ? await replica.offsetAt(when.time) : state.offset;
  return offset || notPast('must not be before the cluster began');
}

/** The offset that a Bookmark names; undefined: there is none of this name. */
export const bookmarked = (name: string, state: State): Offset | undefined =>
  (state.get('bookmarks.logplane.dev', undefined, name) as Bookmark | undefined)?.spec.offset;

const notPast = (why: string): NoMoment => ({ absent: 'in the past', why });
