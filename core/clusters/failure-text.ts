import { cut } from '../kube/bounded-text.ts';

/** What is told of an error in the status of a cluster: its message, up to a limit, without what looks like a secret. The whole of it is in the log of the host. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  // More than is told, so that a secret across the limit is still known as one.
  const text = cut(message, 2 * LIMIT)
    .replace(AUTHORIZATION, (_, scheme: string) => `${scheme} ${HIDDEN}`)
    .replace(USER_IN_URL, (_, scheme: string) => `${scheme}${HIDDEN}@`)
    .replace(QUERY, (_, name: string) => `${name}=${HIDDEN}`)
    .replace(LONG_WORD, (word) => (isRandom(word) ? HIDDEN : word));
  return cut(text, LIMIT);
}

const LIMIT = 1_000;
const HIDDEN = '[hidden]';

const AUTHORIZATION = /\b(Bearer|Basic) +\S+/gi;
const USER_IN_URL = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi;
const QUERY = /\b([\w-]{0,40}(?:token|password|secret|signature|key))=[^\s&;,]+/gi;
const LONG_WORD = /[A-Za-z0-9+/=_.-]{24,}/g;

/** Keys and tokens are in base64 or hexadecimal. Names of objects and of their fields, paths and uids are neither capital and small letters with digits, nor so many hexadecimal digits in a row. */
const isRandom = (word: string): boolean => (/[A-Z]/.test(word) && /[a-z]/.test(word) && /[0-9]/.test(word)) || /[0-9a-f]{32}/i.test(word);
