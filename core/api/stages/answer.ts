import type { Call } from '../call.ts';

/** The last stage: tells the client what came of its write. */
export const answer = (call: Call): Response | undefined => call.write?.answer(call.written);
