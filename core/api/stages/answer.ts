import type { Write, Written } from '../write.ts';

/** The last stage: tells the client what came of its write. */
export const answer = ({ write, written }: { readonly write: Write; readonly written: readonly Written[] }): Response => write.answer(written);
