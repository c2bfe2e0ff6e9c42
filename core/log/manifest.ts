import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CorruptEntry } from './codec.ts';
import type { Chunk } from './log.ts';

/** A chunk as one adapter's manifests name it: DynamoDB's also say by which claim it is held (dynamodb/chunks.ts). */
export interface ManifestChunk extends Chunk {
  readonly claim?: string;
}

/** The chunks of a snapshot as an adapter stores them: one byte that names the format, then a zstd frame (with a checksum) of its JSON. */
export function encodeManifest(chunks: readonly ManifestChunk[]): Uint8Array {
  const rows = chunks.map(({ resource, first, size, name, continues, claim = '', objects = 0, written = 0 }): Row => {
    return [resource, first, size, name, continues ? 1 : 0, claim, objects, written];
  });
  const frame = zstdCompressSync(JSON.stringify(rows), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  return Buffer.concat([Uint8Array.of(FORMAT), frame]);
}

/** Throws `CorruptEntry` when the bytes are no manifest. */
export function decodeManifest(bytes: Uint8Array): ManifestChunk[] {
  if (bytes[0] !== FORMAT) throw new CorruptEntry(`the manifest has format ${bytes[0]}, and this version of Logplane reads format ${FORMAT}`);
  try {
    const rows = JSON.parse(zstdDecompressSync(bytes.subarray(1)).toString()) as Row[];
    return rows.map(([resource, first, size, name, continues, claim, objects = 0, written = 0]) => ({
      name,
      resource: resource as Chunk['resource'],
      first,
      size,
      ...(continues === 1 && { continues: true }),
      ...(claim && { claim }),
      ...(objects > 0 && { objects }),
      ...(written > 0 && { written }),
    }));
  } catch (cause) {
    throw new CorruptEntry('the manifest cannot be decoded', { cause });
  }
}

/** The last two are not in manifests from before they were noted. */
type Row = [resource: string, first: string, size: number, name: string, continues: 0 | 1, claim: string, objects?: number, written?: number];

const FORMAT = 1;
