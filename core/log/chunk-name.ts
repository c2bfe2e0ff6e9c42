import { createHash } from 'node:crypto';

/** The name of a chunk: whatever has the same name has the same content, in every cluster. */
export const chunkName = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
