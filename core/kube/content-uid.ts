import { createHash } from 'node:crypto';

/** A uid that is the same for the same texts (in the form of RFC 9562, version 5): a question that is asked again is found again by it. */
export function contentUid(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  const hex = hash.digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
