import { type Bookmark, futureErrors, momentOf } from '../../apis/logplane/bookmark.ts';
import { offsetOfMoment } from '../../apis/logplane/moment.ts';
import { GROUP } from '../../apis/logplane/own-resource.ts';
import type { Mutation } from '../../apis/mutation.ts';
import type { ClusterInstant } from '../../instant.ts';
import { type Fields, isFields } from '../../kube/fields.ts';
import { type FieldError, invalid } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import type { Replica } from '../../replica/replica.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import { newestState } from '../request/reading.ts';
import type { Write } from '../write.ts';

/**
 * A write of a bookmark whose moment is a time: which offset that is, the log says, before it is decided. What the write comes to is found out on the newest state, so that
 * it does not matter in which form it came. Throws 422 for a moment in the future, and for one before the cluster began.
 */
export const atMoment =
  (verb: (call: WriteCall) => Write) =>
  async (call: WriteCall): Promise<Write> => {
    const write = verb(call);
    const state = await newestState(call);
    const offsets = new Map<ClusterInstant, Offset>();
    for (const bookmark of bookmarksIn(listed(write.plan(state, call.replica.now(), () => undefined)) ?? [])) {
      const time = timeOf(bookmark);
      if (time !== undefined) offsets.set(time, await offsetAt(time, bookmark, { replica: call.replica, state }));
      const errors = futureErrors(bookmark, state.offset);
      if (errors.length > 0) throw refusal(bookmark, errors);
    }
    if (offsets.size === 0) return write;
    return { ...write, plan: (...of) => listed(write.plan(...of))?.map((mutation) => withOffset(mutation, offsets)) };
  };

/** A verb lists what it wants changed. */
const listed = (plan: ReturnType<Write['plan']>) => plan as readonly Mutation[] | undefined;

async function offsetAt(time: ClusterInstant, bookmark: Bookmark, { replica, state }: { readonly replica: Replica; readonly state: State }): Promise<Offset> {
  const offset = await offsetOfMoment({ time }, { replica, state });
  if (typeof offset !== 'number') throw refusal(bookmark, [invalidValue('spec.at', bookmark.spec.at, offset.why)]);
  return offset;
}

const refusal = ({ metadata }: Bookmark, errors: FieldError[]) => invalid({ group: GROUP, kind: 'Bookmark' }, metadata?.name ?? '', errors);

function timeOf(bookmark: Bookmark): ClusterInstant | undefined {
  const when = momentOf(bookmark);
  return when && 'time' in when ? when.time : undefined;
}

/** What is written of bookmarks; what has no spec is refused elsewhere. */
const bookmarksIn = (mutations: readonly Mutation[]): Bookmark[] =>
  mutations.flatMap((mutation) => {
    const written = writtenBy(mutation);
    return written && isFields(written['spec']) ? [written as unknown as Bookmark] : [];
  });

function writtenBy(mutation: Mutation): Fields | undefined {
  if (mutation.type === 'apply') return mutation.config;
  return mutation.type === 'create' || mutation.type === 'update' ? (mutation.object as unknown as Fields) : undefined;
}

function withOffset(mutation: Mutation, offsets: ReadonlyMap<ClusterInstant, Offset>): Mutation {
  const [bookmark] = bookmarksIn([mutation]);
  const time = bookmark && timeOf(bookmark);
  const offset = time === undefined ? undefined : offsets.get(time);
  if (offset === undefined) return mutation;
  const written = { ...bookmark, spec: { ...bookmark!.spec, offset } };
  return (mutation.type === 'apply' ? { ...mutation, config: written as unknown as Fields } : { ...mutation, object: written }) as Mutation;
}
