import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Clock } from '../env.ts';
import type { EventLog, Offset, Snapshot } from '../log/log.ts';
import type { Key, KubeObject } from '../object.ts';
import { Projection, type ProjectionOptions } from './projection.ts';

/**
 * A snapshot is a projection at an offset: a cold start reads it and the entries after it, not the whole log.
 * A chunk is a zstd-compressed JSON array of [key, object] pairs; it stays under what one DynamoDB item holds.
 */

const CHUNK_TEXT = 1 << 20;
const CHUNK_BYTES = 380_000;

/**
 * Encodes the projection as it is when called; it may move on while the chunks are being made. `turn` is awaited between chunks so
 * that a large cluster does not hold up its host.
 */
export async function takeSnapshot(projection: Projection, turn: () => Promise<void>): Promise<Snapshot> {
  const { offset, time, aheadMinutes } = projection;
  const entries = [...projection.entries()];
  const chunks: Uint8Array[] = [];
  let texts: string[] = [];
  let size = 0;
  const flush = () => {
    if (texts.length > 0) chunks.push(...pack(texts));
    texts = [];
    size = 0;
  };
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    texts.push(text);
    size += text.length;
    if (size < CHUNK_TEXT) continue;
    flush();
    await turn();
  }
  flush();
  return { offset, time, ...(aheadMinutes > 0 && { aheadMinutes }), chunks };
}

/** Where a cluster's past is stored. */
export interface Stored {
  readonly log: EventLog;
  readonly cluster: string;
  readonly env: { readonly clock: Pick<Clock, 'turn'> };
  readonly projection?: ProjectionOptions;
}

/** The newest snapshot at or before an offset (any offset, when none is given) as a projection; an empty one when there is none. */
export async function newestSnapshot({ log, cluster, env, projection }: Stored, atMost?: Offset): Promise<Projection> {
  const snapshot = await log.loadSnapshot(cluster, atMost === undefined ? {} : { atMost });
  return snapshot ? restoreSnapshot(snapshot, { turn: () => env.clock.turn(), projection }) : new Projection(projection);
}

/** The projection that a snapshot was taken of. `turn` is awaited between chunks. */
export async function restoreSnapshot(
  snapshot: Snapshot,
  { turn, projection: options }: { turn: () => Promise<void>; projection?: ProjectionOptions | undefined },
): Promise<Projection> {
  const projection = new Projection(options);
  const { offset, time, aheadMinutes } = snapshot;
  await projection.restore({ offset, time, aheadMinutes, parts: partsOf(snapshot, turn) });
  return projection;
}

async function* partsOf({ chunks }: Snapshot, turn: () => Promise<void>): AsyncGenerator<readonly (readonly [Key, KubeObject])[]> {
  for (const chunk of chunks) {
    yield JSON.parse(zstdDecompressSync(chunk).toString()) as [Key, KubeObject][];
    await turn();
  }
}

/** One chunk, or several when the objects compress badly. An object alone always fits: the API refuses what is over 1.5 MB, and zstd at least halves such text. */
function pack(texts: readonly string[]): Uint8Array[] {
  const bytes = zstdCompressSync(Buffer.from(`[${texts.join(',')}]`), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  if (bytes.length <= CHUNK_BYTES || texts.length === 1) return [bytes];
  const half = texts.length >> 1;
  return [...pack(texts.slice(0, half)), ...pack(texts.slice(half))];
}
