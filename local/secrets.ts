import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What only this host knows: made once and kept in the data directory. */
export interface Secrets {
  /** The administrator's bearer token. */
  readonly token: string;
  /** Signs the tokens of service accounts. Not made from the token: who is given that one may act as anybody, but forge nothing that outlives it. */
  readonly signingKey: Uint8Array;
}

/** The secrets kept in a directory, or new ones, kept there; without a directory they end with the process. Throws when a kept one is damaged. */
export function secrets(dir: string | undefined): Secrets {
  return { token: secret(dir, 'token'), signingKey: Buffer.from(secret(dir, 'signing-key'), 'base64url') };
}

const BYTES = 32;
const OWNER_ONLY = 0o600;

/** 32 random bytes as text that fits a header, a file and a line of a shell. */
function secret(dir: string | undefined, name: string): string {
  const made = randomBytes(BYTES).toString('base64url');
  if (dir === undefined) return made;
  const file = path.join(dir, name);
  if (!keep(file, made)) return read(file);
  return made;
}

/** Writes a file whole or not at all, and never over one that is there. Returns whether it did. */
function keep(file: string, text: string): boolean {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, text, { mode: OWNER_ONLY, flag: 'wx' });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function read(file: string): string {
  // A copy or a restored backup may have lost its mode.
  if (statSync(file).mode & 0o077) chmodSync(file, OWNER_ONLY);
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[A-Za-z0-9_-]{43,}$/.test(text)) throw new Error(`${file} is damaged: remove it, and the next start makes a new one`);
  return text;
}
