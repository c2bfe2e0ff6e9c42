import { constants as nodes, type ZstdOptions, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import * as zstd from '@bokuweb/zstd-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { constants, wasmZstd } from './zlib.ts';

const node = { zstdCompressSync, zstdDecompressSync };
let wasm: typeof node;
beforeAll(async () => {
  await zstd.init();
  wasm = wasmZstd(zstd) as typeof node;
});

const dictionary = Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"default"}}');
const options: Record<string, ZstdOptions> = {
  'a dictionary': { dictionary, params: { [nodes.ZSTD_c_compressionLevel]: 1, [nodes.ZSTD_c_checksumFlag]: 1 } },
  'a checksum': { params: { [nodes.ZSTD_c_checksumFlag]: 1 } },
  nothing: {},
};
const reading = ({ dictionary: known }: ZstdOptions): ZstdOptions => (known ? { dictionary: known } : {});
const texts = { short: '{"kind":"ConfigMap"}', empty: '', 'much that repeats': 'ab'.repeat(4_000_000) };

describe.each(Object.entries(options))('with %s', (_, given) => {
  it.each(Object.entries(texts))('Node reads what was compressed here, and the other way round: %s', (_name, text) => {
    expect(node.zstdDecompressSync(wasm.zstdCompressSync(text, given), reading(given)).toString() === text).toBe(true);
    expect(wasm.zstdDecompressSync(node.zstdCompressSync(text, given), reading(given)).toString() === text).toBe(true);
  });

  it.each([
    { name: 'garbage', spoil: (frame: Buffer) => Buffer.from(frame.map((byte) => ~byte)) },
    { name: 'what is cut off', spoil: (frame: Buffer) => frame.subarray(0, -1) },
  ])('refuses $name', ({ spoil }) => {
    const frame = spoil(node.zstdCompressSync(texts.short, given));
    expect(() => wasm.zstdDecompressSync(frame, reading(given))).toThrow();
  });
});

it('numbers options as Node does', () => {
  expect(constants.ZSTD_c_compressionLevel).toBe(nodes.ZSTD_c_compressionLevel);
  expect(constants.ZSTD_c_checksumFlag).toBe(nodes.ZSTD_c_checksumFlag);
});
