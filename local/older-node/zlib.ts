import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { vendorPath } from '../installed.ts';

// Stands in the place of that module.
export * from 'node:zlib';

/** The number by which options are named; Node has none of them before it has zstd. */
export const constants: typeof zlib.constants = { ...zlib.constants, ZSTD_c_compressionLevel: 100, ZSTD_c_checksumFlag: 201 };

type Zstd = typeof import('@bokuweb/zstd-wasm');

/** zstd, with dictionaries, is in Node 22.19 and 24.6 and later; an older Node that has zstd does not heed the option. */
function hasZstd(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 6) || (major === 22 && minor >= 19);
}

async function wasm(): Promise<Zstd> {
  const zstd = createRequire(import.meta.url)(vendorPath('@bokuweb/zstd-wasm')) as Zstd;
  await zstd.init();
  return zstd;
}

type Options = { readonly dictionary?: NodeJS.ArrayBufferView; readonly params?: Record<number, number | boolean> };

/** zstd as WebAssembly in the form of Node's functions. The frames have no checksum, which a reader does not ask for: the log has sums of its own. */
export function wasmZstd(zstd: Zstd): Pick<typeof zlib, 'zstdCompressSync' | 'zstdDecompressSync'> {
  const [compressing, decompressing] = [zstd.createCCtx(), zstd.createDCtx()];
  return {
    zstdCompressSync: (data, { dictionary = NONE, params = {} }: Options = {}) =>
      Buffer.from(zstd.compressUsingDict(compressing, bytesOf(data), dictionary as Uint8Array, Number(params[constants.ZSTD_c_compressionLevel] ?? 3))),
    zstdDecompressSync: (data, { dictionary = NONE }: Options = {}) => {
      const bytes = bytesOf(data);
      // A frame need not say how much is in it: then there is more room each time, until what does not fit cannot be for want of it.
      for (let room = Math.max(65_536, bytes.length * 8); ; room *= 4) {
        try {
          return Buffer.from(zstd.decompressUsingDict(decompressing, bytes, dictionary as Uint8Array, { defaultHeapSize: room }));
        } catch (error) {
          if (!String(error).includes(`code ${TOO_SMALL}`) || room > MOST) throw error;
        }
      }
    },
  };
}

const NONE = new Uint8Array();
/** ZSTD_error_dstSize_tooSmall. */
const TOO_SMALL = -70;
const MOST = 512 * 1024 * 1024;

const bytesOf = (data: unknown): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array));

const { zstdCompressSync, zstdDecompressSync } = hasZstd() ? zlib : wasmZstd(await wasm());

export { zstdCompressSync, zstdDecompressSync };

/** In Node since 20.15. */
export const crc32: typeof zlib.crc32 = zlib.crc32 ?? slowCrc32;

function slowCrc32(data: string | NodeJS.ArrayBufferView, value = 0): number {
  let crc = ~value;
  for (const byte of bytesOf(data)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
