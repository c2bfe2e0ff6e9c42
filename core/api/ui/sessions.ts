import { createHash } from 'node:crypto';
import { between, plus, type RealInstant } from '../../instant.ts';
import type { User } from '../../kube/user.ts';

interface SessionsOptions {
  /** Who acts in a session. */
  readonly user: User;
  /** Text that cannot be guessed (256 bits), of characters that URLs and cookies take. */
  readonly secret: () => string;
  readonly now: () => RealInstant;
}

/**
 * Who has signed in to the page of this process: with a code that is good once and for a short time, for a session that ends with its time, with the process, or when others have begun since.
 * Codes and sessions are kept as digests, so that how long it takes to look for one says nothing of it.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #codes = new Map<string, RealInstant>();
  readonly #sessions = new Map<string, RealInstant>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** A code to sign in with, once. */
  code(): string {
    return this.#begin(this.#codes, { lastsMs: CODE_MS, most: MOST_CODES });
  }

  /** The secret of a new session; undefined: the code is none, was used, or is too old. */
  signIn(code: string): string | undefined {
    const digest = digestOf(code);
    if (!this.#isCurrent(this.#codes, digest)) return undefined;
    this.#codes.delete(digest);
    return this.#begin(this.#sessions, { lastsMs: SESSION_MS, most: MOST_SESSIONS });
  }

  /** Who acts in the session of this secret; undefined: it is none, or over. */
  userOf(session: string): User | undefined {
    return this.#isCurrent(this.#sessions, digestOf(session)) ? this.#options.user : undefined;
  }

  signOut(session: string): void {
    this.#sessions.delete(digestOf(session));
  }

  /** The oldest goes when there are too many. */
  #begin(kept: Map<string, RealInstant>, { lastsMs, most }: { readonly lastsMs: number; readonly most: number }): string {
    const secret = this.#options.secret();
    if (kept.size >= most) kept.delete(kept.keys().next().value!);
    kept.set(digestOf(secret), plus(this.#options.now(), lastsMs));
    return secret;
  }

  #isCurrent(kept: Map<string, RealInstant>, digest: string): boolean {
    const end = kept.get(digest);
    if (end === undefined) return false;
    if (between(this.#options.now(), end) > 0) return true;
    kept.delete(digest);
    return false;
  }
}

/** Long enough to click at a link, short enough for one that stays in a terminal. */
export const CODE_MS = 15 * 60_000;
const MOST_CODES = 16;
/** A day's work. */
export const SESSION_MS = 12 * 3_600_000;
export const SESSION_SECONDS = SESSION_MS / 1000;
export const MOST_SESSIONS = 64;

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64');
