import { admit, validate } from '../../admission/chain.ts';
import { apisOf } from '../../apis/apis.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { noEffectWarnings } from '../../apis/no-effect.ts';
import { decide } from '../../decide/decide.ts';
import type { ClusterInstant } from '../../instant.ts';
import { requestTooLarge } from '../../kube/status.ts';
import type { LogEvent } from '../../log/log.ts';
import type { Change } from '../../state/change.ts';
import { evolve } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import type { Draft, DraftStage, Write, Written } from '../write.ts';

/**
 * The stage that writes: takes what the request wants changed through `draftStages` on the newest state and appends what comes of it, in one commit. When
 * another writer was first, all of it is done again on what that one left (GuaranteedUpdate). A dry run goes the same way and ends before the append.
 */
export const append =
  (draftStages: readonly DraftStage[]) =>
  async (call: WriteCall & { readonly write: Write }): Promise<{ written: readonly Written[] }> => {
    const { write } = call;
    const { written, warnings } = await (write.dryRun ? rehearse : commit)(call, write, draftStages);
    call.warnings.push(...warnings);
    return { written };
  };

function commit(call: WriteCall, write: Write, draftStages: readonly DraftStage[]): Promise<Settled> {
  return call.replica.commit(
    (state, now) => {
      const drafts = draw(call, write, { state, now, draftStages });
      return { events: drafts.events, answer: (changes) => settle(drafts.drafts, changes) };
    },
    { caughtUp: call.caughtUp },
  );
}

async function rehearse(call: WriteCall, write: Write, draftStages: readonly DraftStage[]): Promise<Settled> {
  if (!call.caughtUp) await call.replica.catchUp();
  const { drafts } = draw(call, write, { state: call.replica.state, now: call.replica.now(), draftStages });
  return settle(drafts, undefined);
}

interface Settled {
  readonly written: readonly Written[];
  readonly warnings: readonly string[];
}

function draw(call: WriteCall, write: Write, { state, now, draftStages }: { state: State; now: ClusterInstant; draftStages: readonly DraftStage[] }) {
  const mutations = write.plan(state, now);
  const events: LogEvent[] = [];
  const drafts: Draft[] = [];
  // Each mutation sees what the ones before it did.
  let seen = state;
  for (const [i, mutation] of mutations.entries()) {
    const draft: Draft = { call, write, state: seen, now, mutation, previous: previousOf(seen, mutation), decision: undefined, warnings: [] };
    for (const stage of draftStages) stage(draft);
    if (i < mutations.length - 1) seen = evolve(seen, draft.decision!.events, { time: now }).state;
    events.push(...draft.decision!.events);
    drafts.push(draft);
  }
  return { events, drafts };
}

function settle(drafts: readonly Draft[], changes: readonly Change[] | undefined): Settled {
  let i = 0;
  const written = drafts.map(({ decision }) => {
    const { events, object, deleted } = decision!;
    i += events.length;
    return { object: (events.length > 0 && changes?.[i - 1]?.object) || object, deleted };
  });
  return { written, warnings: drafts.flatMap((draft) => draft.warnings) };
}

function previousOf(state: State, mutation: Mutation) {
  if (mutation.type === 'create') return undefined;
  const { namespace, name } = mutation.type === 'update' ? mutation.object.metadata : mutation;
  return state.get(mutation.resource, namespace, name);
}

/** Mutating admission: plugins may change the object before its defaults are filled in and its rules are checked. */
export function admitMutating(draft: Draft): void {
  if (draft.mutation.type === 'delete' || draft.mutation.type === 'bind') return;
  const object = admit(draft.call.api.admission, { ...reviewOf(draft), object: draft.mutation.object });
  if (object !== draft.mutation.object) draft.mutation = { ...draft.mutation, object };
}

/** The rules of all kinds and of this one: defaults, what only the server may set, validation (decide/decide.ts). */
export function prepareAndValidate(draft: Draft): void {
  const { call, state, mutation, previous, now, warnings } = draft;
  const decision = decide(state, mutation, { env: call.api.env, now, actor: call.user });
  draft.decision = decision;
  if (mutation.type === 'delete') return;
  checkSize(decision.object, call);
  const resource = apisOf(state).resource(mutation.resource)!;
  warnings.push(...noEffectWarnings(resource, decision.object), ...(resource.strategy.warnings?.(decision.object, previous) ?? []));
}

/** Validating admission: plugins see what would be kept, and may refuse it. */
export function admitValidating(draft: Draft): void {
  const { object } = draft.decision!;
  validate(draft.call.api.admission, { ...reviewOf(draft), ...(draft.mutation.type !== 'delete' && { object }) });
}

function reviewOf({ call, write, state, now, mutation, previous, warnings }: Draft) {
  return {
    operation: operations[mutation.type],
    resource: apisOf(state).resource(mutation.resource)!,
    subresource: call.info.subresource,
    user: call.user,
    dryRun: write.dryRun,
    state,
    now,
    ...(previous && { previous }),
    warn: (text: string) => {
      warnings.push(text);
    },
  };
}

const operations = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE', bind: 'CREATE' } as const;

/**
 * An object is smaller than what was sent of it, but for its defaults, of which a container has ten times what must be sent of it, and unless it was
 * patched: only then, and for bodies that are not small, is it worth measuring.
 */
function checkSize(object: object, { api, body, info }: WriteCall): void {
  const limit = api.limits.objectBytes;
  if (info.verb !== 'patch' && body.length < limit / 16) return;
  // etcd refuses such a write in these words.
  if (Buffer.byteLength(JSON.stringify(object)) > limit) throw requestTooLarge('etcdserver: request is too large');
}
