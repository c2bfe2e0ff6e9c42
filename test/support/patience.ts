/**
 * How long a test waits for what has to come, in milliseconds: a bound for what hangs, never a measure of how fast something is. Long enough for a
 * machine that does ten other things at once.
 */
export const PATIENCE_MS = 300_000;
