import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { using } from './using-file.ts';

/** The secrets of this host: made once and kept in the data directory. */
export interface Secrets {
  /** The administrator's bearer token. */
  readonly token: string;
  /** Other tokens of the administrator that are good too, while clients change from one to the next. */
  readonly otherTokens: readonly string[];
  /** Signs the tokens of service accounts. Not derived from the token: its bearer may impersonate every user, but can forge no token that outlives it. */
  readonly signingKey: Uint8Array;
  /** Signed tokens before, which are good until they expire. */
  readonly previousSigningKeys: readonly Uint8Array[];
}

/**
 * The secrets kept in a directory, or new ones, kept there; without a directory they end with the process. A file has a secret a line: the first is the one in use, the
 * others are still taken (docs/security.md, "Changing them"). Throws when one is damaged.
 */
export function secrets(dir: string | undefined): Secrets {
  const [token, ...otherTokens] = secretsIn(dir, 'token');
  const [signingKey, ...previousSigningKeys] = secretsIn(dir, 'signing-key').map((text) => Buffer.from(text, 'base64url'));
  return { token: token!, otherTokens, signingKey: signingKey!, previousSigningKeys };
}

const BYTES = 32;
const OWNER_ONLY = 0o600;

/** At least one. A new one is 32 random bytes as text that fits a header, a file and a line of a shell. */
function secretsIn(dir: string | undefined, name: string): readonly string[] {
  const made = randomBytes(BYTES).toString('base64url');
  if (dir === undefined) return [made];
  const file = path.join(dir, name);
  return using(file, () => (keep(file, made) ? [made] : read(file)));
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

function read(file: string): readonly string[] {
  // A copy or a restored backup may have lost its mode.
  if (statSync(file).mode & 0o077) chmodSync(file, OWNER_ONLY);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split(/\s*\n\s*/);
  if (!lines.every((line) => /^[A-Za-z0-9_-]{43,}$/.test(line))) throw new Error(`${file} is damaged: remove it, and the next start makes a new one`);
  return lines;
}
