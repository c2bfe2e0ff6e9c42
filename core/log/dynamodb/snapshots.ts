import type { Env } from '../../env.ts';
import type { RealInstant } from '../../instant.ts';
import { ChunksMissing, LogUnavailable, type Snapshot, type SnapshotBounds, type SnapshotHead, type StoredSnapshot } from '../log.ts';
import { superseded } from '../snapshots.ts';
import { atWorkForMs } from './at-work.ts';
import { putChunk, readChunks, releaseChunk } from './chunks.ts';
import { beginHead, beginOf, deleteHead, type Head, headAt, headsOf, moveHead } from './heads.ts';
import { noteLate, settleLate } from './late.ts';
import { deletePieces, type HeldChunk, manifestsOf, piecesOf, putPieces, readManifest } from './manifests.ts';
import type { Requests } from './requests.ts';

/**
 * Saves a snapshot: its head, which says that it is being saved, its manifest, the chunks that the snapshot before it lacks, and its head again, now complete.
 * What it has in common with the snapshot before it is held by that one's claims: those stay as long as a manifest rests on them, and its own was there before it looked
 * whether the other one still is (docs/decisions/0017-snapshots.md).
 */
export async function saveSnapshot(
  requests: Requests,
  env: Pick<Env, 'clock' | 'ids'>,
  cluster: string,
  { snapshot, bytes }: { snapshot: Snapshot; bytes: ReadonlyMap<string, Uint8Array> },
): Promise<void> {
  const { offset, time, aheadMinutes = 0 } = snapshot;
  const heads = await headsOf(requests, cluster);
  const there = heads.find((head) => head.offset === offset);
  // The state at an offset is always the same.
  if (there?.state === 'complete') return;
  if (there) await removeSnapshot(requests, cluster, there);
  const id = env.ids.uid();
  const base = await baseOf(
    requests,
    cluster,
    heads.filter((head) => head.offset < offset),
  );
  const claims = new Map(base?.chunks.map(({ name, claim }) => [name, claim]));
  const chunks = snapshot.chunks.map((chunk): HeldChunk => ({ ...chunk, claim: claims.get(chunk.name) ?? id }));
  const own = ownIn(chunks, id);
  const missing = own.find((name) => !bytes.has(name));
  if (missing !== undefined) throw new ChunksMissing(`the chunk ${missing} is not there`);

  const pieces = piecesOf(cluster, id, chunks);
  const saving: Head = { offset, time, ...(aheadMinutes > 0 && { aheadMinutes }), id, pieces: pieces.length, begun: env.clock.now(), state: 'saving' };
  // Where another process was faster this one is not needed.
  if (!(await beginHead(requests, cluster, saving))) return;
  let isAllAnswered = true;
  const unanswered = () => {
    isAllAnswered = false;
  };
  await putPieces(requests, { cluster, id }, pieces, unanswered);
  if (base && !(await isComplete(requests, cluster, base.head))) {
    await removeSnapshot(requests, cluster, saving);
    throw new LogUnavailable(`the snapshot at ${base.head.offset} of ${cluster} was removed while another one was saved`);
  }
  // One after the other: together they would be throttled, as a partition takes 1,000 units a second and a full chunk is 400.
  for (const name of own) await putChunk(requests, { name, claim: id }, bytes.get(name)!, unanswered);
  if (!isAllAnswered) await noteLate(requests, cluster, { ...saving, chunks: own });
  if (!(await moveHead(requests, cluster, saving, 'complete'))) {
    // Another process took it for what a dead writer left, perhaps before the last of these claims was made.
    for (const name of own) await releaseChunk(requests, { name, claim: id });
    return;
  }
  await removeSuperseded(requests, cluster);
}

/** The newest of some heads whose snapshot is complete, and its chunks. */
async function baseOf(requests: Requests, cluster: string, heads: readonly Head[]): Promise<{ head: Head; chunks: readonly HeldChunk[] } | undefined> {
  for (const head of heads) {
    const chunks = head.state === 'complete' ? await readManifest(requests, cluster, head) : undefined;
    if (chunks) return { head, chunks };
  }
  return undefined;
}

async function isComplete(requests: Requests, cluster: string, { offset, id }: Head): Promise<boolean> {
  const now = await headAt(requests, cluster, offset);
  return now?.id === id && now.state === 'complete';
}

/** Removes the snapshots that are not worth their storage any more, and what is left of those that others began to remove. */
export async function removeSuperseded(requests: Requests, cluster: string): Promise<void> {
  const heads = await headsOf(requests, cluster);
  const complete = heads.filter(({ state }) => state === 'complete').map(({ offset }) => offset);
  const drop = new Set(superseded(complete, { begin: await beginOf(requests, cluster) }));
  for (const head of heads) {
    const isOver = head.state === 'complete' ? drop.has(head.offset) : head.state !== 'saving';
    if (isOver) await removeSnapshot(requests, cluster, head);
  }
}

/** Removes what writers left that died while they saved or removed a snapshot, and what came late of one. The time keeps it from working against a writer that is at it. */
export async function sweepSnapshots(requests: Requests, cluster: string, now: RealInstant): Promise<void> {
  for (const head of await headsOf(requests, cluster)) {
    if (head.state === 'removing' || (head.state === 'saving' && atWorkForMs(head.begun, now) <= 0)) await removeSnapshot(requests, cluster, head);
  }
  await settleLate(requests, cluster, now);
}

/** Removes a snapshot with the chunks that no other one names, its head last: a process that dies in between leaves it for the next one. */
export async function removeSnapshot(requests: Requests, cluster: string, head: Head): Promise<void> {
  if (head.state !== 'older') {
    if (head.state !== 'removing' && !(await moveHead(requests, cluster, head, 'removing'))) return;
    // Claims are made when all pieces are there, and pieces deleted when all claims are taken back: where one is missing there is no claim.
    const chunks = (await readManifest(requests, cluster, head)) ?? [];
    // Of a writer that is at it, or is dead, it is not known what was answered.
    if (head.state === 'saving') await noteLate(requests, cluster, { ...head, chunks: ownIn(chunks, head.id) });
    await releaseClaims(requests, cluster, chunks);
  }
  await deletePieces(requests, cluster, head);
  await deleteHead(requests, cluster, head.state === 'older' ? head : { ...head, state: 'removing' });
}

/** The chunks that a snapshot itself has brought. */
const ownIn = (chunks: readonly HeldChunk[], id: string): string[] => [...new Set(chunks.filter(({ claim }) => claim === id).map(({ name }) => name))];

/** Takes back the claims that no other snapshot of the cluster rests on. */
async function releaseClaims(requests: Requests, cluster: string, chunks: readonly HeldChunk[]): Promise<void> {
  if (chunks.length === 0) return;
  const free = new Map(chunks.map((chunk) => [pairOf(chunk), chunk]));
  for await (const others of manifestsOf(requests, cluster)) for (const other of others) free.delete(pairOf(other));
  for (const chunk of free.values()) await releaseChunk(requests, chunk);
}

const pairOf = ({ name, claim }: HeldChunk) => `${name} ${claim}`;

export async function loadSnapshot(requests: Requests, cluster: string, { atMost, before, known }: SnapshotBounds): Promise<StoredSnapshot | undefined> {
  for (const head of await headsOf(requests, cluster, atMost)) {
    if (head.state !== 'complete' || (before !== undefined && head.time > before)) continue;
    const { offset, time, aheadMinutes } = head;
    // Pieces never change, so the cheap read will do when it finds them all. None does when the snapshot is just being removed: take the next.
    const held = (await readManifest(requests, cluster, head, { consistent: false })) ?? (await readManifest(requests, cluster, head));
    const bytes =
      held &&
      (await readChunks(
        requests,
        held.map(({ name }) => name).filter((name) => !known?.has(name)),
      ));
    if (bytes) return { offset, time, ...(aheadMinutes && { aheadMinutes }), chunks: held.map(({ claim: _, ...chunk }) => chunk), bytes };
  }
  return undefined;
}

export async function snapshotHeads(requests: Requests, cluster: string): Promise<SnapshotHead[]> {
  const heads = await headsOf(requests, cluster);
  return heads
    .reverse()
    .filter(({ state }) => state === 'complete')
    .map(({ offset, time }) => ({ offset, time }));
}
