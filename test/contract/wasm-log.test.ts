import { vi } from 'vitest';
import { describeEventLog } from './log.contract.ts';
import { onSqlite, onSqliteSkips } from './on-sqlite.ts';

// As the package has it under a Node without them.
vi.mock('node:sqlite', async () => ({ DatabaseSync: (await import('../../local/older-node/sqlite.ts')).WasmDatabaseSync }));
vi.mock('node:zlib', async (original) => {
  const zstd = await import('@bokuweb/zstd-wasm');
  await zstd.init();
  return { ...(await original<object>()), ...(await import('../../local/older-node/zlib.ts')).wasmZstd(zstd) };
});

describeEventLog('SQLite and zstd as WebAssembly', async () => onSqlite(), { skip: onSqliteSkips });
