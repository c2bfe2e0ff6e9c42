import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file, whole or not at all. The folder may be shared (/tmp): the draft has a name that cannot be foreseen, and is never a file or link that is there already. */
export function writeWhole(file: string, text: string, { mode = 0o600 }: { mode?: number } = {}): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, text, { mode, flag: 'wx' });
  try {
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft);
    throw error;
  }
}
